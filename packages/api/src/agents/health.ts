import { isoTime } from '@mahilo/shared/clock';
import type { ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import { jsonEach } from '@mahilo/shared/db/sqlite/json-rows';
import { type Kysely, sql } from 'kysely';

/** Counts stop here: who reads them needs no more. */
export const COUNTED_AT_MOST = 1000;
/** Waiting deliveries looked at for an error, the last to be due first: those that were tried. */
const ERRORS_LOOKED_AT = 20;

export const HEALTH_STATES = ['well', 'failing', 'suspended', 'inactive', 'never_seen'] as const;

/** How an agent is, as its owner may see it. */
export interface Health {
  state: (typeof HEALTH_STATES)[number];
  failures: number;
  failing_since: string | undefined;
  last_error: string | undefined;
  next_try_at: string | undefined;
  waiting: number;
  dead_letters: number;
}

interface HealthRow {
  id: string;
  status: ConnectionStatus;
  failures: number;
  failing_since: number | null;
  last_seen: number | null;
  ready_at: number | null;
  pending_error: string | null;
  failed_error: string | null;
  waiting: number;
  dead_letters: number;
}

/** The health of connections, by their ids. Uses the primary keys, outbox_pending and outbox_failed. */
export async function healthOf(
  db: Kysely<Schema>,
  connectionIds: readonly string[],
  now: number,
): Promise<Map<string, Health>> {
  const counted = (state: string) => sql`
    (select count(*) from (select 1 from outbox where connection_id = value and state = ${sql.lit(state)}
      limit ${COUNTED_AT_MOST}))`;
  const { rows } = await sql<HealthRow>`
    select connections.id, connections.status, coalesce(failures, 0) as failures, failing_since, last_seen,
      coalesce(min(ready_at, bulk_ready_at), ready_at, bulk_ready_at) as ready_at,
      (select last_error from (
        select last_error from outbox where connection_id = value and state = 'pending' and bulk = 0
        order by due_at desc limit ${ERRORS_LOOKED_AT}) where last_error is not null limit 1) as pending_error,
      (select last_error from outbox where connection_id = value and state = 'failed'
        order by created_at desc limit 1) as failed_error,
      ${counted('pending')} as waiting, ${counted('failed')} as dead_letters
    from ${jsonEach(connectionIds)}
    join connections on connections.id = value
    left join lanes on lanes.connection_id = connections.id
  `.execute(db);
  return new Map(rows.map((row) => [row.id, toHealth(row, now)]));
}

function toHealth(row: HealthRow, now: number): Health {
  const state = stateOf(row);
  const isUnwell = state !== 'well';
  const error = row.pending_error ?? row.failed_error;
  return {
    state,
    failures: row.failures,
    failing_since: row.failing_since === null ? undefined : isoTime(row.failing_since),
    last_error: isUnwell ? (error ?? undefined) : undefined,
    next_try_at: isUnwell && row.ready_at !== null ? isoTime(Math.max(row.ready_at, now)) : undefined,
    waiting: row.waiting,
    dead_letters: row.dead_letters,
  };
}

function stateOf({ status, failing_since, last_seen }: HealthRow): Health['state'] {
  if (status === 'suspended' || status === 'inactive') return status;
  if (failing_since !== null) return 'failing';
  return last_seen === null ? 'never_seen' : 'well';
}
