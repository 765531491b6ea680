import type { Soak, SoakSample } from '../soak.ts';
import { numberText } from './judgement.ts';
import { escaped, PALETTE } from './svg.ts';

const WIDTH = 760;
const LEFT = 70;
const RIGHT = 20;
const HEIGHT = 130;
const GAP = 46;
const TOP = 40;

interface Line {
  name: string;
  of(sample: SoakSample): number;
}

interface Panel {
  title: string;
  lines: readonly Line[];
  scale: 'linear' | 'log';
}

const PANELS: readonly Panel[] = [
  {
    title: 'from the send to the callback, ms (logarithmic)',
    lines: [
      { name: 'p50', of: ({ p50 }) => p50 },
      { name: 'p99', of: ({ p99 }) => p99 },
    ],
    scale: 'log',
  },
  {
    title: 'resident memory, MiB',
    lines: [
      { name: 'API', of: ({ apiMiB }) => apiMiB },
      { name: 'worker', of: ({ workerMiB }) => workerMiB },
    ],
    scale: 'linear',
  },
  { title: 'write-ahead log, MiB', lines: [{ name: 'WAL', of: ({ walMiB }) => walMiB }], scale: 'linear' },
];

/** Latency, memory and the size of the WAL over a soak, with a dashed line for each restart. */
export function soakChart(soak: Soak): string {
  const height = TOP + PANELS.length * (HEIGHT + GAP);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
  <title>Latency, memory and write-ahead log over ${(soak.seconds / 60).toFixed(0)} minutes at ${soak.perSecond} messages a second</title>
  <style>${PALETTE}
    polyline { fill: none; stroke-width: 1.5 }
    .line0 { stroke: #2f7d5b }
    .line1 { stroke: #c4532d }
    .key0 { fill: #2f7d5b }
    .key1 { fill: #c4532d }
    .axis { stroke: #8c959f }
    .restart { stroke: #8c959f; stroke-dasharray: 3 3 }
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="6"/>
${PANELS.map((panel, n) => panelOf(panel, soak, TOP + n * (HEIGHT + GAP))).join('\n')}
</svg>
`;
}

function panelOf({ title, lines, scale }: Panel, { samples, seconds, restarts }: Soak, top: number): string {
  const values = lines.flatMap(({ of }) => samples.map(of)).filter((value) => value > 0);
  const highest = Math.max(1, ...values);
  const lowest = scale === 'log' ? Math.min(highest / 10, ...values) : 0;
  const x = (at: number) => LEFT + (at / seconds) * (WIDTH - LEFT - RIGHT);
  const share = (value: number) =>
    scale === 'log'
      ? Math.log(Math.max(value, lowest) / lowest) / Math.log(highest / lowest)
      : value / highest;
  const y = (value: number) => top + HEIGHT - share(value) * HEIGHT;
  const drawn = lines.map(({ of }, n) => {
    const known = samples.filter((sample) => Number.isFinite(of(sample)));
    const points = known.map((sample) => `${x(sample.at).toFixed(1)},${y(of(sample)).toFixed(1)}`);
    return `  <polyline class="line${n}" points="${points.join(' ')}"/>`;
  });
  const keys = lines.map(({ name }, n) => `<tspan class="key${n}" dx="10">${escaped(name)}</tspan>`);
  return `  <text x="${LEFT}" y="${top - 8}">${escaped(title)}${keys.join('')}</text>
  <text class="small" x="${LEFT - 8}" y="${top + 10}" text-anchor="end">${numberText(highest)}</text>
  <text class="small" x="${LEFT - 8}" y="${top + HEIGHT}" text-anchor="end">${numberText(lowest)}</text>
  <line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${top + HEIGHT}" y2="${top + HEIGHT}"/>
  <text class="small" x="${WIDTH - RIGHT}" y="${top + HEIGHT + 15}" text-anchor="end">${(seconds / 60).toFixed(0)} min</text>
${restarts.map(({ at, what }) => `  <line class="restart" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${top}" y2="${top + HEIGHT}"><title>${escaped(what)}</title></line>`).join('\n')}
${drawn.join('\n')}`;
}
