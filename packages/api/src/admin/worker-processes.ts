import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import type { Kysely } from 'kysely';

/** The workers that the database knows; there are few. */
export async function workersOf(db: Kysely<Schema>, now: number) {
  const workers = await db
    .selectFrom('workers')
    .select(['id', 'started_at', 'heartbeat_at'])
    .limit(100)
    .execute();
  const inOrder = workers.sort((one, other) => one.started_at - other.started_at);
  return inOrder.map(({ id, started_at, heartbeat_at }) => ({
    id,
    started_at: isoTime(started_at),
    last_heard_of_at: isoTime(heartbeat_at),
    alive: heartbeat_at >= now - WORKER_GONE_AFTER_MS,
  }));
}
