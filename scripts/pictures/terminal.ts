import { stripVTControlCharacters } from 'node:util';

const COLUMN = 8.4;
const LINE = 19;
const MARGIN = 18;
const BAR = 34;

/** SGR parameters (ECMA-48 §8.3.117) that Node's `styleText` writes, and the class that each switches on. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['1', 'bold'],
  ['2', 'dim'],
  ['31', 'red'],
  ['32', 'green'],
  ['33', 'yellow'],
  ['34', 'blue'],
  ['35', 'magenta'],
  ['36', 'cyan'],
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const SGR = /\u001b\[(\d+)m/;

const STYLE = `
    text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; white-space: pre }
    .ground { fill: #f6f8fa; stroke: #d0d7de }
    .dot { fill: #d0d7de }
    .bold { font-weight: 600 } .dim { fill: #59636e }
    .red { fill: #cf222e } .green { fill: #116329 } .yellow { fill: #7d4e00 }
    .blue { fill: #0550ae } .magenta { fill: #8250df } .cyan { fill: #1b6f85 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .ground { fill: #0d1117; stroke: #3d444d } .dot { fill: #3d444d } .dim { fill: #9198a1 }
      .red { fill: #ff7b72 } .green { fill: #56d364 } .yellow { fill: #e3b341 }
      .blue { fill: #79c0ff } .magenta { fill: #d2a8ff } .cyan { fill: #76d9e6 }
    }`;

/** Draws what a terminal showed, with its colours, as an SVG that follows the reader's light or dark theme. */
export function terminalPicture(title: string, lines: readonly string[]): string {
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length));
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const height = BAR + lines.length * LINE + MARGIN;
  const rows = lines.map((line, n) => row(line, BAR + (n + 1) * LINE - 5)).filter((text) => text !== '');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
  <title>${escaped(title)}</title>
  <style>${STYLE}
  </style>
  <rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  ${[0, 1, 2].map((n) => `<circle class="dot" cx="${MARGIN + 4 + n * 18}" cy="17" r="5"/>`).join('')}
  <text class="dim" x="${width / 2}" y="22" text-anchor="middle">${escaped(title)}</text>
${rows.join('\n')}
</svg>
`;
}

/** One line. Each run of one style has its own place and length: the columns stay straight in any font. */
function row(line: string, y: number): string {
  const spans: string[] = [];
  let column = 0;
  let style = '';
  for (const [n, part] of line.split(SGR).entries()) {
    if (n % 2 === 1) {
      style = CLASSES.get(part) ?? '';
      continue;
    }
    const text = part.trim();
    if (text !== '') {
      const x = (MARGIN + (column + part.indexOf(text)) * COLUMN).toFixed(1);
      const length = (text.length * COLUMN).toFixed(1);
      const name = style === '' ? '' : ` class="${style}"`;
      spans.push(`<tspan${name} x="${x}" textLength="${length}">${escaped(text)}</tspan>`);
    }
    column += part.length;
  }
  return spans.length === 0 ? '' : `  <text y="${y}">${spans.join('')}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
