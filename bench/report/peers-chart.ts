import type { PeersRecord } from '../peers/record.ts';
import { numberText } from './judgement.ts';
import { type FigureLine, figureLines } from './peers-table.ts';
import { escaped, PALETTE } from './svg.ts';

const BAR = 12;
const GAP = 3;
const TITLE = 26;
const AFTER = 14;
const LABEL_WIDTH = 190;
const BAR_WIDTH = 420;
const TEXT_WIDTH = 150;
const TOP = 12;
const US = 'ours';

/** For each figure one bar for each side, ours first. The largest value has the longest bar. */
export function peersChart(record: PeersRecord): string {
  const blocks: string[] = [];
  let y = TOP;
  for (const line of figureLines(record)) {
    blocks.push(blockOf(line, y));
    y += TITLE + line.cells.size * (BAR + GAP) + AFTER;
  }
  const width = LABEL_WIDTH + BAR_WIDTH + TEXT_WIDTH;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img">
  <title>This product beside what people would build instead, on one machine in one run</title>
  <style>${PALETTE}
    .title { font-weight: 600 }
    .ours { fill: #2f7d5b }
    .peer { fill: #8c959f }
    @media (prefers-color-scheme: dark) { .ours { fill: #4fb286 } .peer { fill: #6e7681 } }
  </style>
  <rect class="ground" width="${width}" height="${y}" rx="6"/>
${blocks.join('\n')}
</svg>
`;
}

function blockOf({ figure, cells }: FigureLine, top: number): string {
  const values = [...cells.values()].flatMap(({ value }) => (value === undefined ? [] : [value]));
  const longest = Math.max(...values, Number.MIN_VALUE);
  const goal = figure.better === 'more' ? 'more is better' : 'less is better';
  const bars = [...cells].map(([side, { value, rounds }], n) => {
    const y = top + TITLE + n * (BAR + GAP);
    const length = value === undefined ? 0 : (value / longest) * BAR_WIDTH;
    const text = value === undefined ? (rounds > 0 ? 'too few arrive' : '–') : numberText(value);
    return `  <text class="small" x="${LABEL_WIDTH - 10}" y="${y + BAR - 2}" text-anchor="end">${escaped(side)}</text>
  <rect class="${side === US ? 'ours' : 'peer'}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>
  <text class="small" x="${LABEL_WIDTH + length + 8}" y="${y + BAR - 2}">${escaped(text)}</text>`;
  });
  return `  <text class="title" x="12" y="${top + TITLE - 8}">${escaped(`${figure.label}, ${figure.unit}`)} <tspan class="small">(${goal})</tspan></text>
${bars.join('\n')}`;
}
