import type { Result } from '../case.ts';
import { judge, targetText, valueText } from './judgement.ts';
import { escaped, PALETTE } from './svg.ts';

const ROW = 26;
const BAR = 14;
const LABEL_WIDTH = 250;
const BAR_WIDTH = 320;
const TEXT_WIDTH = 210;
const TOP = 44;
/** The target stands in the middle of the scale. */
const LONGEST = 2;

const STYLE = `${PALETTE}
    .met { fill: #2f7d5b }
    .missed { fill: #c4532d }
    .target { stroke: #59636e; stroke-dasharray: 3 3 }
    @media (prefers-color-scheme: dark) {
      .met { fill: #4fb286 }
      .missed { fill: #ea8058 }
      .target { stroke: #9198a1 }
    }`;

/** A bar for each result with a target: how close it is. */
export function chartOf(results: readonly Result[]): string {
  const shown = results.filter(({ target }) => target !== undefined);
  const width = LABEL_WIDTH + BAR_WIDTH + TEXT_WIDTH;
  const height = TOP + shown.length * ROW + 12;
  const targetX = LABEL_WIDTH + BAR_WIDTH / LONGEST;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
  <title>How far each figure of the benchmark is towards its target</title>
  <style>${STYLE}
  </style>
  <rect class="ground" width="${width}" height="${height}" rx="6"/>
  <text class="small" x="${targetX}" y="16" text-anchor="middle">target</text>
  <text class="small" x="${LABEL_WIDTH + BAR_WIDTH}" y="16" text-anchor="end">twice as good →</text>
  <line class="target" x1="${targetX}" x2="${targetX}" y1="22" y2="${height - 8}"/>
${shown.map((result, n) => barOf(result, TOP + n * ROW)).join('\n')}
</svg>
`;
}

function barOf(result: Result, y: number): string {
  const { value, met, score = 0 } = judge(result);
  const length = (Math.min(Math.max(score, 0), LONGEST) / LONGEST) * BAR_WIDTH;
  const middle = y + BAR / 2 + 5;
  return `  <text x="${LABEL_WIDTH - 12}" y="${middle}" text-anchor="end">${escaped(result.case)}</text>
  <rect class="${met ? 'met' : 'missed'}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" rx="2"/>
  <text class="small" x="${LABEL_WIDTH + BAR_WIDTH + 12}" y="${middle}">${escaped(`${valueText(result, value)}  (${targetText(result)})`)}</text>`;
}
