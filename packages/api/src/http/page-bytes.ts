import { PAGE_BYTES } from '@mahilo/shared/bounds/bounds';

/** JSON writes one byte as six at worst. */
const WORST_FACTOR = 6;

/** Whether texts of so many bytes may be more than a page as JSON. */
export function mayBeTooLarge(bytes: number, pageBytes = PAGE_BYTES): boolean {
  return bytes * WORST_FACTOR > pageBytes;
}

/**
 * How many of the first rows make a page of `pageBytes` at most, by what their texts take; at least one, or nobody
 * could ever read it.
 */
export function countFitting<Row>(
  rows: readonly Row[],
  bytesOf: (row: Row) => number,
  pageBytes = PAGE_BYTES,
): number {
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    bytes += bytesOf(row);
    if (bytes > pageBytes && index > 0) return index;
  }
  return rows.length;
}

/** The same by what they take as JSON, which is looked at only where it can matter. */
export function countFittingAsJson<Row>(
  rows: readonly Row[],
  textsOf: (row: Row) => readonly string[],
  pageBytes = PAGE_BYTES,
): number {
  const plain = rows.reduce(
    (sum, row) => sum + textsOf(row).reduce((bytes, text) => bytes + 3 * text.length, 0),
    0,
  );
  if (!mayBeTooLarge(plain, pageBytes)) return rows.length;
  return countFitting(
    rows,
    (row) => textsOf(row).reduce((bytes, text) => bytes + jsonBytes(text), 0),
    pageBytes,
  );
}

/** How many bytes a well-formed text takes as JSON, without writing it, which costs four times as much. */
export function jsonBytes(text: string): number {
  let bytes = 2;
  for (let at = 0; at < text.length; at += 1) bytes += bytesOfCodeUnit(text.charCodeAt(at));
  return bytes;
}

/** RFC 8259 §7, as JSON.stringify writes it. Half of a surrogate pair is two of its four bytes. */
function bytesOfCodeUnit(unit: number): number {
  if (unit < 0x20) return unit >= 0x08 && unit <= 0x0d && unit !== 0x0b ? 2 : 6;
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1;
  return unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
}
