import type { Soak, SoakSample } from '../soak.ts';
import { median } from '../statistics.ts';
import { numberText } from './judgement.ts';
import { markdownTable } from './markdown.ts';

const COLUMNS: readonly [name: string, of: (sample: SoakSample) => number][] = [
  ['p50, ms', ({ p50 }) => p50],
  ['p99, ms', ({ p99 }) => p99],
  ['API, MiB', ({ apiMiB }) => apiMiB],
  ['worker, MiB', ({ workerMiB }) => workerMiB],
  ['WAL, MiB', ({ walMiB }) => walMiB],
  ['file, MiB', ({ fileMiB }) => fileMiB],
];
const PARTS = ['first quarter', 'second', 'third', 'last'] as const;

/** A soak as text: its totals, and the medians of each quarter. */
export function soakTable({ perSecond, seconds, sent, lost, repeated, restarts, samples }: Soak): string {
  const rows = PARTS.map((name, n) => {
    const some = samples.filter(({ at }) => Math.min(3, Math.floor((at / seconds) * 4)) === n);
    return [name, ...COLUMNS.map(([, of]) => middleText(some.map(of).filter(Number.isFinite)))];
  });
  return [
    `${(seconds / 60).toFixed(0)} min at ${perSecond} messages/s: ${sent} sent, ${lost} lost, ${repeated} callbacks more than once, ${restarts.length} restarts.`,
    '',
    ...markdownTable(['', ...COLUMNS.map(([name]) => name)], rows),
  ].join('\n');
}

function middleText(values: readonly number[]): string {
  return values.length === 0 ? '–' : numberText(median(values));
}
