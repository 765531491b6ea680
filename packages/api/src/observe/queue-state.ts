import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { firstDueOf } from '@mahilo/shared/outbox/lanes';
import type { Kysely } from 'kysely';

/** Most rows to count: it takes about 3 ms, in which the process does nothing else. */
export const MAX_ROWS_COUNTED = 100_000;
/** Most lanes to read, beginning with those that have been ready longest. */
export const MAX_LANES_COUNTED = 1000;

type Db = Kysely<Schema>;
interface Found {
  found: number | null;
}

const first = async (rows: Promise<Found[]>): Promise<number | null> => (await rows)[0]?.found ?? null;

/** Deliveries in a state, up to {@link MAX_ROWS_COUNTED}. Uses the partial index of that state, and no row. */
export async function countInState(db: Db, state: 'pending' | 'leased' | 'failed'): Promise<number> {
  return (await first(COUNTS[state](db, MAX_ROWS_COUNTED))) ?? 0;
}

/** SQLite's planner uses a partial index only when the statement repeats the index's condition literally. */
const countOf = (state: string) => {
  const index = `outbox_${state}`;
  return statement<[limit: number], Found>(
    ({ indexedBy }) => `
    select count(*) as found
    from (select 1 from outbox ${indexedBy(index)} where state = '${state}' limit ?) as counted`,
  );
};
const COUNTS = { pending: countOf('pending'), leased: countOf('leased'), failed: countOf('failed') };

/**
 * Since when (ms) the longest waiting lane has been ready; undefined without lanes. Uses lanes_ready and
 * lanes_bulk_ready.
 */
export async function firstReadyAt(db: Db): Promise<number | undefined> {
  return (await first(readyAt(db))) ?? undefined;
}
const readyAt = statement<[], Found>(`
  select min(found) as found from (
    select min(ready_at) as found from lanes where ready_at is not null
    union all select min(bulk_ready_at) from lanes where bulk_ready_at is not null) as ready`);

/**
 * When (ms) the oldest delivery that waits was due, in the first {@link MAX_LANES_COUNTED} lanes; undefined without one.
 * Uses lanes_ready and outbox_pending.
 */
export async function oldestDueAt(db: Db): Promise<number | undefined> {
  return (await first(dueAt(db, MAX_LANES_COUNTED))) ?? undefined;
}
const dueAt = statement<[limit: number], Found>(
  (words) => `
  select min(${firstDueOf('lane.connection_id', words)}) as found
  from (select connection_id from lanes where ready_at is not null order by ready_at limit ?) as lane`,
);

/**
 * Lanes that the circuit breaker holds back and to which something is owed, of the {@link MAX_LANES_COUNTED} that come
 * next. Uses lanes_ready: a paused lane is not ready before its pause ends.
 */
export async function countPausedLanes(db: Db, now: number): Promise<number> {
  return (await first(pausedLanes(db, now, MAX_LANES_COUNTED, now))) ?? 0;
}
const pausedLanes = statement<[readyAfter: number, limit: number, pausedAfter: number], Found>(`
  select count(*) as found
  from (select paused_until from lanes where ready_at > ? order by ready_at limit ?) as next
  where paused_until > ?`);

/** Workers that have reported since a time (ms). Reads the whole table, which has a row for each worker. */
export async function countWorkers(db: Db, heardSince: number): Promise<number> {
  return (await first(workersSince(db, heardSince))) ?? 0;
}
const workersSince = statement<[heardSince: number], Found>(
  'select count(*) as found from workers where heartbeat_at >= ?',
);
