import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Hold, holdOf, type Lane, type OwedDelivery } from './hold.ts';

export interface Row extends OwedDelivery {
  id: string;
  connection_id: string;
}

/** Why deliveries that are owed are not there yet, by their ids. Uses the primary keys, connections_by_name and outbox_leased. */
export async function holdsOf(
  db: Kysely<Schema>,
  deliveries: readonly Row[],
  now: number,
): Promise<Map<string, Hold>> {
  const owed = deliveries.filter(({ state }) => state === 'pending' || state === 'leased');
  if (owed.length === 0) return new Map();
  const lanes = await lanesOf(db, new Set(owed.map((row) => row.connection_id)));
  const workers = await workersAlive(db, now);
  return new Map(
    owed.flatMap((row) => {
      const lane = lanes.get(row.connection_id);
      return lane === undefined ? [] : [[row.id, holdOf(row, lane, workers, now)]];
    }),
  );
}

/** The ids of the workers that are alive; there are few. */
export async function workersAlive(db: Kysely<Schema>, now: number): Promise<ReadonlySet<string>> {
  const alive = await db
    .selectFrom('workers')
    .select('id')
    .where('heartbeat_at', '>=', now - WORKER_GONE_AFTER_MS)
    .execute();
  return new Set(alive.map(({ id }) => id));
}

/** The columns of a {@link Lane}, but for its owner's other agents; of connections, users and lanes, joined. */
export const LANE_COLUMNS: RawBuilder<unknown> = sql.raw(`
  connections.status, connections.mode, users.disabled_at is not null as is_disabled,
  connections.held_at, connections.held_reason,
  connections.proven_at is not null as is_proven, coalesce(full_until, 0) as full_until,
  coalesce(paused_until, 0) as paused_until, coalesce(asked_until, 0) as asked_until,
  coalesce(trouble_until, 0) as trouble_until, coalesce(unproven_until, 0) as unproven_until`);

async function lanesOf(db: Kysely<Schema>, connectionIds: ReadonlySet<string>): Promise<Map<string, Lane>> {
  const { rows } = await sql<Lane & { id: string }>`
    select connections.id, ${LANE_COLUMNS},
      exists (select 1 from connections as other join outbox on outbox.connection_id = other.id and state = 'leased'
        where other.user_id = connections.user_id and other.status <> 'deleted' and other.id <> connections.id
          and other.mode <> 'polling') as owner_is_busy
    from ${eachOf([...connectionIds])}
    join connections on connections.id = value
    join users on users.id = connections.user_id
    left join lanes on lanes.connection_id = connections.id
  `.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}
