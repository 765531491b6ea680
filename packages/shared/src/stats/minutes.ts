import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';

/** Rows are kept for so long (ms). */
export const KEPT_MS = 31 * 86_400_000;
/** Old rows deleted with each new one: more than a minute adds. */
const DELETED_AT_ONCE = 100;

export type MinuteRow = Selectable<Schema['stats_minutes']>;

/** What is counted, by how often it happened. */
export type MinuteCounts = Omit<MinuteRow, 'at' | 'process' | 'waits_json' | 'callbacks_json'>;

export async function insertMinute(
  trx: Transaction<Schema>,
  row: Insertable<Schema['stats_minutes']>,
): Promise<void> {
  await trx
    .insertInto('stats_minutes')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Deletes a few rows that are too old at a time (ms). Uses the primary key. */
export async function deleteOldMinutes(trx: Transaction<Schema>, now: number): Promise<void> {
  const old = trx
    .selectFrom('stats_minutes')
    .select('at')
    .where('at', '<', now - KEPT_MS)
    .orderBy('at')
    .limit(DELETED_AT_ONCE);
  await trx.deleteFrom('stats_minutes').where('at', 'in', old).execute();
}

/** Rows from one time (ms) to another, the oldest first, at most so many. Uses the primary key. */
export async function minutesBetween(
  db: Kysely<Schema>,
  { from, to, limit }: { from: number; to: number; limit: number },
): Promise<MinuteRow[]> {
  return db
    .selectFrom('stats_minutes')
    .selectAll()
    .where('at', '>', from)
    .where('at', '<=', to)
    .orderBy('at')
    .limit(limit)
    .execute();
}
