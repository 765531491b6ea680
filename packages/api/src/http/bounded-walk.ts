import { setImmediate as turn } from 'node:timers/promises';

/** Rows that one page looks at, at most, for those that its filter lets through: then it ends early, and the next goes on. */
export const MAX_LOOKED_AT = 10_000;
/** Rows looked at in one go: that takes a few milliseconds, in which the process does nothing else. */
const PIECE = 1000;

/** A piece of a list, newest first. Positions are keys, by which the list falls. */
export interface Piece<Row> {
  /** Those that the filter lets through. */
  rows: readonly Row[];
  /** How many were looked at, and the last of them. */
  lookedAt: number;
  last: string | undefined;
}

/** The beginning of a list, newest first. */
export interface Slice<Row> {
  rows: Row[];
  /** Where it ended early: later (older) rows were not looked at. */
  stoppedAt: string | undefined;
}

/**
 * Looks for rows through a list that no index has filtered, newest first, until it has `wanted`, or has looked at
 * {@link MAX_LOOKED_AT}; others get their turn in between.
 * @param look reads so many rows from behind the one with this key on.
 */
export async function boundedWalk<Row>(
  wanted: number,
  after: string | undefined,
  look: (after: string | undefined, limit: number) => Promise<Piece<Row>>,
): Promise<Slice<Row>> {
  const rows: Row[] = [];
  let position = after;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PIECE) {
    const piece = await look(position, PIECE);
    rows.push(...piece.rows);
    if (piece.lookedAt < PIECE || rows.length >= wanted) return { rows, stoppedAt: undefined };
    position = piece.last;
    await turn();
  }
  return { rows, stoppedAt: position };
}

/**
 * Puts slices of several lists together. What is older than where one of them ended early is left for the next page.
 * @param keyOf by what the lists are sorted, and what `stoppedAt` is: a text that falls from row to row.
 */
export function mergeSlices<Row>(slices: readonly Slice<Row>[], keyOf: (row: Row) => string): Slice<Row> {
  const stops = slices.flatMap(({ stoppedAt }) => stoppedAt ?? []);
  const stoppedAt = stops.sort().at(-1);
  const rows = slices
    .flatMap((slice) => slice.rows)
    .filter((row) => stoppedAt === undefined || keyOf(row) >= stoppedAt)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? 1 : -1));
  return { rows, stoppedAt };
}
