import { type NextPiece, walks } from './walks.ts';

/**
 * Most rows that one page reads to find those its filter accepts. Then the page ends early, and the next one
 * continues.
 */
export const MAX_LOOKED_AT = 10_000;
/** Rows read at once. It takes a few milliseconds, in which the process does nothing else. */
const PIECE = 500;

/** A piece of a list, newest first. A position is a key that falls along the list. */
export interface Piece<Row> {
  /** The rows that the filter accepts. */
  rows: readonly Row[];
  /** How many rows were read, and the last of them. */
  lookedAt: number;
  last: string | undefined;
}

/** The beginning of a list, newest first. */
export interface Slice<Row> {
  rows: Row[];
  /** Where it ended early: later (older) rows were not read. */
  stoppedAt: string | undefined;
}

/**
 * Walks through a list that no index has filtered, newest first, until it has `wanted` rows or has read {@link
 * MAX_LOOKED_AT}. Takes turns with all other walks.
 * @param look reads so many rows after the one with this key.
 */
export function boundedWalk<Row>(
  userId: string,
  wanted: number,
  after: string | undefined,
  look: Look<Row>,
): Promise<Slice<Row>> {
  return walks.walk(userId, (nextPiece) => inPieces(wanted, after, look, nextPiece));
}

type Look<Row> = (after: string | undefined, limit: number) => Promise<Piece<Row>>;

async function inPieces<Row>(
  wanted: number,
  after: string | undefined,
  look: Look<Row>,
  nextPiece: NextPiece,
): Promise<Slice<Row>> {
  const rows: Row[] = [];
  let position = after;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PIECE) {
    await nextPiece();
    const piece = await look(position, PIECE);
    rows.push(...piece.rows);
    if (piece.lookedAt < PIECE || rows.length >= wanted) return { rows, stoppedAt: undefined };
    position = piece.last;
  }
  return { rows, stoppedAt: position };
}

/**
 * Merges slices of several lists; what is in several of them is there once. Leaves rows for the next page that are older than the point where a slice ended
 * early.
 * @param keyOf the sort key of the lists, which is also what `stoppedAt` contains: a text that falls from row to row.
 */
export function mergeSlices<Row>(slices: readonly Slice<Row>[], keyOf: (row: Row) => string): Slice<Row> {
  const stops = slices.flatMap(({ stoppedAt }) => stoppedAt ?? []);
  const stoppedAt = stops.sort().at(-1);
  const rows = slices
    .flatMap((slice) => slice.rows)
    .filter((row) => stoppedAt === undefined || keyOf(row) >= stoppedAt)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? 1 : -1));
  return { rows: [...new Map(rows.map((row) => [keyOf(row), row])).values()], stoppedAt };
}
