import { systemClock } from '@mahilo/shared/clock';

const PROGRESS_EVERY_MS = 1000;

/**
 * C0 and C1 controls, line and paragraph separators, and characters that change the direction of writing (Unicode UAX
 * #9).
 */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Users' text for a terminal, with everything escaped that would move its cursor, colour it or reverse its lines. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** {@link printable} for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Prints an answer: as one JSON document for machines, else as text for people. */
export function answer(asJson: boolean, document: unknown, text: () => string): void {
  // In JSON, controls occur only in strings, where their escapes mean the same.
  console.log(printableLines(asJson ? JSON.stringify(document, undefined, 2) : text()));
}

/** Rows under headings, in columns as wide as necessary; numbers are right-aligned. */
export function table(headings: readonly string[], given: readonly (readonly (string | number)[])[]): string {
  const rows = given.map((row) => row.map((cell) => (typeof cell === 'string' ? printable(cell) : cell)));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => String(row[column] ?? '').length)),
  );
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

/** Reports progress of long work on standard error, at most once a second, for the first time after a second. */
export function progress(): (sentence: () => string) => void {
  let saidAt = systemClock.monotonicMs();
  return (sentence) => {
    if (systemClock.monotonicMs() < saidAt + PROGRESS_EVERY_MS) return;
    saidAt = systemClock.monotonicMs();
    console.error(sentence());
  };
}
