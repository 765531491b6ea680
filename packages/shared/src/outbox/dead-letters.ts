import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';

/** Dead letters in one batch: few enough to requeue in one short transaction. */
const PIECE = 200;

export interface DeadLetter {
  id: string;
  created_at: number;
  last_error: string | null;
}

/**
 * The ids of a connection's dead letters whose messages were accepted at `since` (ms) or later, oldest first, in
 * batches. Gives each one once: what fails again meanwhile keeps its place, which has been passed, so this ends.
 */
export async function* deadLettersOf(
  db: Kysely<Schema>,
  connectionId: string,
  since: number,
): AsyncGenerator<string[]> {
  for await (const rows of deadLetterRowsOf(db, connectionId, since)) yield rows.map((row) => row.id);
}

/** Where a dead letter has its place among those of a connection. */
export type DeadLetterPlace = Pick<DeadLetter, 'id' | 'created_at'>;

/** The same, with what {@link DeadLetter} says of each. Those after a place, if one is given. */
export async function* deadLetterRowsOf(
  db: Kysely<Schema>,
  connectionId: string,
  since: number,
  after?: DeadLetterPlace,
): AsyncGenerator<DeadLetter[]> {
  let last: DeadLetterPlace = after ?? { id: '', created_at: 0 };
  for (;;) {
    const rows = await deadLettersAfter(db, connectionId, since, last.created_at, last.id, PIECE);
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1) ?? last;
  }
}

/** In the order of acceptance, after a position. Uses outbox_failed. */
const deadLettersAfter = statement<
  [connectionId: string, createdAt: number, createdAtAgain: number, id: string, limit: number],
  DeadLetter
>(`
  select id, created_at, last_error from outbox
  where connection_id = ? and state = 'failed' and created_at >= ? and (created_at, id) > (?, ?)
  order by created_at, id limit ?`);
