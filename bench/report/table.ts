import type { Result } from '../case.ts';
import { judge, numberText, targetText, valueText } from './judgement.ts';
import { markdownTable } from './markdown.ts';

const HEADINGS = [
  'case',
  'measured',
  'baseline',
  'ratio',
  'rounds',
  'target',
  'met?',
  'CPU µs a message',
  'fsync p50 / p99, ms',
  'others, % of a core',
] as const;
const MET = new Map<boolean | undefined, string>([
  [true, 'yes'],
  [false, 'NO'],
  [undefined, ''],
]);

/** The results as a text table, followed by the baselines. */
export function tableOf(results: readonly Result[]): string {
  const rows = [HEADINGS, ...results.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('  '));
  return [...lines, '', ...notesOf(results)].join('\n');
}

/** What of a table with a set disk waits for what; undefined for all other figures. */
const PARTS = new Map<Result['bound'], string>([
  [undefined, ''],
  ['disk', 'With a disk of a set speed, bound by it:'],
  ['processor', 'With a disk of a set speed, bound by the processor:'],
]);

/** The same in Markdown: one table of most figures, and separate tables of those with a set disk speed. */
export function markdownTableOf(results: readonly Result[]): string {
  const parts = [...PARTS].flatMap(([bound, title]) => {
    const some = results.filter((result) => result.bound === bound);
    return some.length === 0
      ? []
      : [...(title === '' ? [] : [title, '']), ...markdownTable(HEADINGS, some.map(rowOf)), ''];
  });
  return [...parts, ...notesOf(results).map((note) => `- ${note}`)].join('\n');
}

function rowOf(result: Result): string[] {
  const { value, lowest, highest, met } = judge(result);
  return [
    result.case,
    `${numberText(result.measured)} ${result.unit}`,
    result.baseline ? numberText(result.baseline.value) : '–',
    valueText(result, value),
    result.rounds.length > 1 ? `${numberText(lowest)}…${numberText(highest)}` : '',
    targetText(result),
    MET.get(met) ?? '',
    costText(result),
    ...conditionsText(result),
  ];
}

function costText({ cost }: Result): string {
  if (cost === undefined) return '';
  const { ours, baseline } = cost;
  return baseline === undefined ? numberText(ours) : `${numberText(ours)} against ${numberText(baseline)}`;
}

function conditionsText({ conditions }: Result): [fsync: string, others: string] {
  if (conditions === undefined) return ['', ''];
  const { fsyncP50, fsyncP99, foreignPercent } = conditions;
  return [`${numberText(fsyncP50)} / ${numberText(fsyncP99)}`, numberText(foreignPercent)];
}

/** Baselines and remarks, once for all results that share them. */
function notesOf(results: readonly Result[]): string[] {
  const said = results.flatMap(({ case: name, baseline, note }) => [
    ...(baseline ? [{ name, text: `baseline is ${baseline.name}` }] : []),
    ...(note === undefined ? [] : [{ name, text: note }]),
  ]);
  const byText = Map.groupBy(said, ({ text }) => text);
  return [...byText].map(([text, by]) => `${by.map(({ name }) => name).join('; ')}: ${text}`);
}
