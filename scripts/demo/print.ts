import { styleText } from 'node:util';

const WIDTH = 80;
const TIME_WIDTH = 9;
const WHO_WIDTH = 11;
const GAP = '  ';

export type Tone = 'plain' | 'good' | 'bad' | 'quiet';
export type Style = Parameters<typeof styleText>[0];

const TONES: Readonly<Record<Tone, Style>> = { plain: 'reset', good: 'green', bad: 'red', quiet: 'dim' };

export interface Column {
  title: string;
  /** Numbers are read from the right. */
  align: 'left' | 'right';
}

/** Prints the story on standard output, in colours only where a terminal shows them and NO_COLOR is not set. */
export class Narrator {
  readonly #startedAt = performance.now();
  readonly #styles = new Map<string, Style>();
  #muted = false;

  /** Gives a person a colour. */
  cast(who: string, style: Style): void {
    this.#styles.set(who, style);
  }

  /** Prints nothing more. */
  mute(): void {
    this.#muted = true;
  }

  write(text = ''): void {
    if (!this.#muted) process.stdout.write(`${text}\n`);
  }

  title(text: string): void {
    this.write(colour('bold', text));
  }

  heading(text: string): void {
    this.write();
    this.write(colour('bold', text));
  }

  paragraph(text: string, indent = ''): void {
    for (const line of wrap(text, WIDTH - indent.length)) this.write(indent + line);
  }

  /** One line of the timeline: when, who, what. `at` (performance.now) is now unless it is given. */
  line(who: string, text: string, { tone = 'plain', at = performance.now() }: LineOptions = {}): void {
    const time = colour('dim', this.time(at).padStart(TIME_WIDTH));
    const name = colour(this.#styles.get(who.split(' ')[0] ?? '') ?? 'dim', who.padEnd(WHO_WIDTH));
    const indent = ' '.repeat(TIME_WIDTH + WHO_WIDTH + 2 * GAP.length);
    const lines = wrap(text, WIDTH - indent.length).map((line) => colour(TONES[tone], line));
    this.write([time, name, lines.join(`\n${indent}`)].join(GAP));
  }

  /** A table whose columns are as wide as they need to be; the last one is wrapped. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], tones: readonly Tone[]): void {
    const titles = columns.map((column) => column.title);
    const widths = columns.map((_column, i) =>
      Math.max(...[titles, ...rows].map((row) => (row[i] ?? '').length)),
    );
    const indent = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, GAP.length);
    const format = (row: readonly string[]): string => {
      const cells = row.slice(0, -1).map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? 'left'));
      const last = wrap(row.at(-1) ?? '', WIDTH - indent).join(`\n${' '.repeat(indent)}`);
      return `${GAP}${[...cells, last].join(GAP)}`;
    };
    this.write(colour('dim', format(titles)));
    for (const [i, row] of rows.entries()) this.write(colour(TONES[tones[i] ?? 'plain'], format(row)));
  }

  /** A moment (performance.now) as time since the beginning. */
  time(at: number): string {
    return `${((at - this.#startedAt) / 1000).toFixed(2)} s`;
  }
}

export interface LineOptions {
  tone?: Tone;
  at?: number;
}

/** Breaks a text into lines at its spaces. A word that is too long has its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function pad(cell: string, width: number, align: Column['align']): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}

function colour(style: Style, text: string): string {
  return style === 'reset' ? text : styleText(style, text, { stream: process.stdout });
}
