import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { worded } from '@mahilo/shared/db/words/words';
import { firstDueOf } from '@mahilo/shared/outbox/lanes';
import { type Kysely, sql } from 'kysely';
import { holdOf, type Lane } from './hold.ts';
import { LANE_COLUMNS, workersAlive } from './holds.ts';

/** Counts stop here: who reads them needs no more. */
export const COUNTED_AT_MOST = 1000;
/** Deliveries of a kind looked at for an error, the last to be due first: those that were tried. */
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

interface HealthRow extends Omit<Lane, 'owner_is_busy'> {
  id: string;
  failures: number;
  failing_since: number | null;
  trouble_since: number | null;
  last_seen: number | null;
  /** When the first delivery that waits is due (ms), and when the first lease of a worker that is gone ends. */
  pending_due: number | null;
  left_behind_due: number | null;
  owed_error: string | null;
  failed_error: string | null;
  waiting: number;
  dead_letters: number;
}

const errorOf = (state: string, at: string) => `
  (select last_error from (select last_error from outbox
    where connection_id = value and state = ${state} order by ${at} desc limit ${ERRORS_LOOKED_AT}) as looked_at
  where last_error is not null limit 1)`;

/** An error of what is owed: of single messages first, then of messages to groups, then of what is leased. */
const OWED_ERROR = sql.raw(`coalesce(
  ${errorOf("'pending' and bulk = 0", 'due_at')},
  ${errorOf("'pending' and bulk = 1", 'due_at')},
  ${errorOf("'leased'", 'lease_expires_at')})`);

const FIRST_DUE = worded((words) => firstDueOf('value', words));

/**
 * The health of connections, by their ids. Uses the primary keys, outbox_pending, outbox_leased and outbox_failed; its
 * cost is bounded for each.
 */
export async function healthOf(
  db: Kysely<Schema>,
  connectionIds: readonly string[],
  now: number,
): Promise<Map<string, Health>> {
  const workers = await workersAlive(db, now);
  const { rows } = await sql<HealthRow>`
    select connections.id, ${LANE_COLUMNS}, coalesce(failures, 0) as failures, failing_since, trouble_since, last_seen,
      ${FIRST_DUE} as pending_due,
      case when connections.mode <> 'polling' then (
        select min(lease_expires_at) from outbox where connection_id = value and state = 'leased'
          and lease_owner not in (select value from ${eachOf([...workers])})) end as left_behind_due,
      ${OWED_ERROR} as owed_error,
      (select last_error from outbox where connection_id = value and state = 'failed'
        order by created_at desc limit 1) as failed_error,
      (select count(*) from (
        select 1 from outbox where connection_id = value and state = 'pending'
        union all select 1 from outbox where connection_id = value and state = 'leased'
        limit ${COUNTED_AT_MOST}) as owed) as waiting,
      (select count(*) from (
        select 1 from outbox where connection_id = value and state = 'failed' limit ${COUNTED_AT_MOST}) as dead) as dead_letters
    from ${eachOf(connectionIds)}
    join connections on connections.id = value
    join users on users.id = connections.user_id
    left join lanes on lanes.connection_id = connections.id
  `.execute(db);
  return new Map(rows.map((row) => [row.id, toHealth(row, workers, now)]));
}

function toHealth(row: HealthRow, workers: ReadonlySet<string>, now: number): Health {
  const state = stateOf(row);
  return {
    state,
    failures: row.failures,
    failing_since: row.failing_since === null ? undefined : isoTime(row.failing_since),
    last_error: hasTrouble(row) ? (row.owed_error ?? row.failed_error ?? undefined) : undefined,
    next_try_at: state === 'well' && !hasTrouble(row) ? undefined : nextTryOf(row, workers, now),
    waiting: row.waiting,
    dead_letters: row.dead_letters,
  };
}

/** Whether an attempt failed since the last success or, at another URL, since the registration: else its errors are history. */
function hasTrouble({ status, failing_since, trouble_since }: HealthRow): boolean {
  return status === 'suspended' || status === 'inactive' || failing_since !== null || trouble_since !== null;
}

function stateOf({ status, failing_since, last_seen }: HealthRow): Health['state'] {
  if (status === 'suspended' || status === 'inactive') return status;
  if (failing_since !== null) return 'failing';
  return last_seen === null ? 'never_seen' : 'well';
}

/** When the delivery that comes first is tried; undefined when there is none, or time alone does not bring it. */
function nextTryOf(row: HealthRow, workers: ReadonlySet<string>, now: number): string | undefined {
  const dues = [row.pending_due, row.left_behind_due].filter((due) => due !== null);
  if (dues.length === 0) return undefined;
  const first = {
    state: 'pending',
    due_at: Math.min(...dues),
    lease_owner: null,
    lease_expires_at: null,
  } as const;
  return holdOf(first, { ...row, owner_is_busy: 0 }, workers, now).next_attempt_at;
}
