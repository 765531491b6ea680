import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { insertStatement, statement } from '../db/statement.ts';

/** What decides how many deliveries of a lane may be in flight at once. */
export interface LaneLimits {
  /** Slots of a healthy lane. */
  slots: number;
  /** Consecutive failures from which on a lane has one slot. */
  breakerFailures: number;
}

/** How one batch of attempts went for a lane. */
export interface LaneResult {
  connectionId: string;
  succeeded: boolean;
  /** Failures since the last success in the batch. */
  failures: number;
}

/** How long a failing lane is held back between probes. */
export interface BreakerPolicy {
  failures: number;
  baseMs: number;
  maxMs: number;
}

/** After this many doublings every sensible base has reached every sensible maximum. */
const MAX_DOUBLINGS = 30;
/** Later than any time: stands in for "never" inside `min`, which SQLite makes null if any argument is. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * True of a connection whose deliveries are not sent: its agent polls for them, or is suspended. Those of a deleted one
 * come to workers whatever it was, to be ended.
 */
const HELD = `
  (connections.status = 'suspended' or connections.mode = 'polling' and connections.status <> 'deleted')`;
export const IS_HELD: RawBuilder<boolean> = sql.raw(HELD);

/**
 * Makes lanes due at a time (ms) or earlier, unless they are full, paused or held; new ones are created. What is due
 * anyway stays untouched: a page that does not change need not be written. Uses the primary keys.
 */
export async function wakeLanes(
  trx: Transaction<Schema>,
  connectionIds: ReadonlySet<string>,
  dueAt: number,
): Promise<void> {
  await wake(
    trx,
    [...connectionIds].map((connectionId) => [connectionId, dueAt]),
  );
}

const wake = insertStatement<[connectionId: string, dueAt: number]>(
  'insert into lanes (connection_id, ready_at)',
  2,
  `on conflict (connection_id) do update set
    ready_at = max(min(coalesce(ready_at, excluded.ready_at), excluded.ready_at), full_until, paused_until)
  where (ready_at is null or ready_at > max(excluded.ready_at, full_until, paused_until))
    and not exists (select 1 from connections where connections.id = excluded.connection_id and ${HELD})`,
);

/** Closes the circuit breaker of a lane at once: its agent was heard of. Times in ms. */
export async function reviveLane(trx: Transaction<Schema>, connectionId: string, now: number): Promise<void> {
  await trx
    .insertInto('lanes')
    .values({
      connection_id: connectionId,
      ready_at: now,
      full_until: 0,
      paused_until: 0,
      failures: 0,
      last_seen: now,
    })
    .onConflict((conflict) =>
      conflict.column('connection_id').doUpdateSet({
        ready_at: now,
        full_until: 0,
        paused_until: 0,
        failures: 0,
        failing_since: null,
        warned_at: null,
        last_seen: now,
      }),
    )
    .execute();
}

/**
 * Counts results for the circuit breaker: a success closes it; from the `failures`-th consecutive failure on, each
 * further one doubles the pause.
 */
export async function recordLaneResults(
  trx: Transaction<Schema>,
  results: readonly LaneResult[],
  policy: BreakerPolicy,
  now: number,
): Promise<void> {
  if (results.length === 0) return;
  await sql`
    update lanes set
      failures = result.failures,
      failing_since = case when result.failures = 0 then null
        else coalesce(case when result.succeeded then null else lanes.failing_since end, ${now}) end,
      paused_until = case when result.failures < ${policy.failures} then 0
        else ${now} + min(${policy.maxMs},
          ${policy.baseMs} << min(result.failures - ${policy.failures}, ${MAX_DOUBLINGS})) end,
      warned_at = case when result.failures = 0 then null else warned_at end,
      last_seen = case when result.succeeded then ${now} else last_seen end
    from (
      select lane.connection_id, value ->> 'succeeded' as succeeded,
        (value ->> 'failures') + case when value ->> 'succeeded' then 0 else lane.failures end as failures
      from ${jsonEach(results)} join lanes as lane on lane.connection_id = value ->> 'connectionId'
    ) as result
    where lanes.connection_id = result.connection_id
  `.execute(trx);
}

/** When a worker should next look at a lane. */
const READY_AT = sql.raw('max(lane.due, lane.full_until, paused_until)');

/**
 * Works out anew when a worker should next look at these lanes, after their deliveries were leased, settled or renewed.
 * Uses outbox_pending and outbox_leased: its cost does not depend on how much is waiting.
 */
export async function refreshLanes(
  trx: Transaction<Schema>,
  connectionIds: Iterable<string>,
  limits: LaneLimits,
  now: number,
): Promise<void> {
  await refresh(trx, connectionIds, limits, now, READY_AT);
}

async function refresh(
  trx: Transaction<Schema>,
  connectionIds: Iterable<string>,
  limits: LaneLimits,
  now: number,
  readyAt: RawBuilder<unknown>,
): Promise<void> {
  await sql`
    update lanes set full_until = lane.full_until,
      ready_at = case when not lane.held and lane.due < ${NEVER} then ${readyAt} end
    from (
      select connection_id, held, min(pending_due, lease_end) as due,
        case when in_flight >= slots then slot_end else 0 end as full_until
      from (
        select value as connection_id,
          ${IS_HELD} as held,
          case when lanes.failures >= ${limits.breakerFailures} then 1 else ${limits.slots} end as slots,
          (select count(*) from outbox
            where connection_id = value and state = 'leased' and lease_expires_at > ${now}) as in_flight,
          (select min(lease_expires_at) from outbox
            where connection_id = value and state = 'leased' and lease_expires_at > ${now}) as slot_end,
          coalesce((select min(lease_expires_at) from outbox
            where connection_id = value and state = 'leased'), ${NEVER}) as lease_end,
          -- Not before now: the lane goes behind those that have been waiting for their turn.
          coalesce((select max(min(due_at), ${now}) from outbox
            where connection_id = value and state = 'pending'), ${NEVER}) as pending_due
        from ${jsonEach([...connectionIds])}
        join connections on connections.id = value
        join lanes on lanes.connection_id = value
      )
    ) as lane
    where lanes.connection_id = lane.connection_id
  `.execute(trx);
}

/**
 * Looks anew at every lane that something is owed to. When a lane should be looked at is derived from the outbox in the
 * transactions that change it; this is the net beneath, should one of them ever be wrong. A lane that rightly waits for its
 * turn keeps its place among those that do. Uses lanes' primary key.
 */
export async function refreshAllLanes(
  trx: Transaction<Schema>,
  limits: LaneLimits,
  now: number,
): Promise<void> {
  const { rows } = await sql<{ connection_id: string }>`
    select connection_id from lanes
    where exists (select 1 from outbox where connection_id = lanes.connection_id and state = 'pending')
      or exists (select 1 from outbox where connection_id = lanes.connection_id and state = 'leased')
  `.execute(trx);
  const connectionIds = rows.map((row) => row.connection_id);
  if (connectionIds.length === 0) return;
  const keptTurn = sql`case when ready_at <= ${now} and ${READY_AT} <= ${now} then ready_at else ${READY_AT} end`;
  await refresh(trx, connectionIds, limits, now, keptTurn);
}

export interface UpcomingLane {
  connection_id: string;
  ready_at: number;
}

/** The lanes that are due next, the first first. Uses lanes_ready. */
export const upcomingLanes = statement<[limit: number], UpcomingLane>(`
  select connection_id, ready_at from lanes where ready_at is not null order by ready_at limit ?`);
