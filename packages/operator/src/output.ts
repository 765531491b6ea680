import { systemClock } from '@mahilo/shared/clock';

const PROGRESS_EVERY_MS = 1000;

/** Prints an answer: as one JSON document for machines, else as text for people. */
export function answer(asJson: boolean, document: unknown, text: () => string): void {
  console.log(asJson ? JSON.stringify(document, undefined, 2) : text());
}

/** Rows under headings, in columns as wide as they need to be; numbers stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
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

/** Says on standard error how far long work is, at most once a second; the first time after a second. */
export function progress(): (sentence: () => string) => void {
  let saidAt = systemClock.monotonicMs();
  return (sentence) => {
    if (systemClock.monotonicMs() < saidAt + PROGRESS_EVERY_MS) return;
    saidAt = systemClock.monotonicMs();
    console.error(sentence());
  };
}
