import { setImmediate as turn } from 'node:timers/promises';
import { type OperationNodeSource, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Clock } from '../clock.ts';
import { atTheEnd, type LastStep, lockFor } from '../db/beside.ts';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { insertStatement, namedStatement, statement } from '../db/statement.ts';
import { each, eachOf, json } from '../db/words/rows.ts';
import { GREATEST, LEAST, type Words, worded } from '../db/words/words.ts';

/** What limits how many deliveries of a lane may be in flight at once. */
export interface LaneLimits {
  /** Slots of a healthy lane. */
  slots: number;
  /** From this many consecutive failures on, a lane has one slot. */
  breakerFailures: number;
  /** Attempts a minute while a callback URL is unproven; such a lane also has one slot. */
  unprovenPerMinute: number;
}

/** Later than any time: replaces "never" where the smaller of two times is wanted, since null is neither. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * True of a connection whose deliveries workers do not send: its agent polls, it is suspended, or the operator holds it.
 * Workers still end the deliveries of a deleted connection.
 */
const HELD = `
  (connections.status = 'suspended'
    or (connections.mode = 'polling' or connections.held_at is not null) and connections.status <> 'deleted')`;
export const IS_HELD: RawBuilder<boolean> = sql.raw(HELD);

/** True of a connection whose callback URL has not yet answered a signed callback with 2xx: it may be a stranger's. */
export const IS_UNPROVEN: RawBuilder<boolean> = sql.raw(
  "(connections.proven_at is null and connections.mode <> 'polling' and connections.status <> 'deleted')",
);

/** Until when a lane waits, whatever is due in it. Each cause has its column. */
const heldUntil = ({ greatest }: Words) =>
  `${greatest}(lanes.paused_until, lanes.asked_until, lanes.trouble_until, lanes.unproven_until)`;

/** The limits that a statement needs. */
export type LimitValues = Pick<LaneLimits, 'slots' | 'breakerFailures'>;

/** How many deliveries of a lane may be in flight at once; one while the lane is only probed. */
export function slotsOf(value: (name: keyof LimitValues) => RawBuilder<number>): RawBuilder<number> {
  return sql`case when lanes.failures >= ${value('breakerFailures')} or lanes.troubles > 0 or ${IS_UNPROVEN} then 1
    else ${value('slots')} end`;
}

/**
 * Makes lanes due at a time (ms) or earlier, unless they are full, paused or held; creates missing ones. Leaves a
 * lane alone that is due anyway: an unchanged page need not be written. Uses the primary keys.
 */
export async function wakeLanes(
  trx: Transaction<Schema>,
  connectionIds: ReadonlySet<string>,
  dueAt: number,
  urgency: Urgency = 'single',
): Promise<void> {
  await atTheEnd(
    trx,
    WAKE_UP,
    [...connectionIds].map((connectionId) => ({ connectionId, dueAt, urgency })),
  );
}

interface WakeUp {
  connectionId: string;
  dueAt: number;
  urgency: Urgency;
}

/** What a transaction owes is in the outbox before its lane is locked: who has it next sees both. */
const WAKE_UP: LastStep<WakeUp> = {
  order: 1,
  run: (trx, all) => {
    const byUrgency = [...Map.groupBy(all, ({ urgency }) => urgency)];
    const locked =
      byUrgency.length > 1
        ? lockFor(
            trx,
            'lanes',
            all.map(({ connectionId }) => connectionId),
          )
        : undefined;
    return Promise.all([locked, ...byUrgency.map(([urgency, own]) => WAKE[urgency](trx, earliest(own)))]);
  },
};

/** Each lane once, in their order. */
function earliest(all: readonly WakeUp[]): WakeValues[] {
  const dueAt = new Map<string, number>();
  for (const one of all) {
    dueAt.set(one.connectionId, Math.min(one.dueAt, dueAt.get(one.connectionId) ?? one.dueAt));
  }
  return [...dueAt].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Single messages go before messages to groups (`bulk`). */
export type Urgency = 'single' | 'bulk';

type WakeValues = [connectionId: string, dueAt: number];

const wake = (column: string) =>
  insertStatement<WakeValues>(
    `insert into lanes (connection_id, ${column})`,
    2,
    (words) => `on conflict (connection_id) do update set
      ${column} = ${words.greatest}(
        ${words.least}(coalesce(lanes.${column}, excluded.${column}), excluded.${column}),
        lanes.full_until, ${heldUntil(words)})
    where (lanes.${column} is null
        or lanes.${column} > ${words.greatest}(excluded.${column}, lanes.full_until, ${heldUntil(words)}))
      and not exists (select 1 from connections where connections.id = excluded.connection_id and ${HELD})`,
  );

const WAKE: Readonly<Record<Urgency, ReturnType<typeof wake>>> = {
  single: wake('ready_at'),
  bulk: wake('bulk_ready_at'),
};

/** What a sign of life of an agent changes in its lane. */
export interface SignOfLife {
  /** The agent itself answered; it was not only registered. */
  seen: boolean;
  /** The agent has another address: forget what was learned of the old one. Otherwise one delivery probes it. */
  moved: boolean;
  /** The connection was suspended: forget what led to that, so that the next suspension takes as much again. */
  restored: boolean;
}

/**
 * Lets workers look at a lane once, whatever holds it back, but try no unproven URL more often than allowed. Times in
 * ms.
 */
export async function reviveLane(
  trx: Transaction<Schema>,
  connectionId: string,
  now: number,
  { seen, moved, restored }: SignOfLife,
): Promise<void> {
  const open = { full_until: 0, paused_until: 0, asked_until: 0, trouble_until: 0 };
  const changes = {
    ...open,
    ...(moved && { failures: 0, failing_since: null }),
    ...((moved || restored) && { failing_days: 0, warned_at: null }),
    ...(seen && { last_seen: now }),
  };
  await trx
    .insertInto('lanes')
    .values({ connection_id: connectionId, failures: 0, ready_at: now, bulk_ready_at: now, ...changes })
    .onConflict((conflict) =>
      conflict.column('connection_id').doUpdateSet({
        ...changes,
        ready_at: sql`${GREATEST}(${now}, lanes.unproven_until)`,
        bulk_ready_at: sql`${GREATEST}(${now}, lanes.unproven_until)`,
      }),
    )
    .execute();
}

/**
 * SQL for the time (ms) at which a connection's first pending delivery is due, in bulk or not; null: there is none. Uses
 * outbox_pending.
 */
export function firstDueOf(connection: string, { least }: Words): string {
  const due = (bulk: 0 | 1) => `coalesce((
    select min(due_at) from outbox where connection_id = ${connection} and state = 'pending' and bulk = ${bulk}), ${NEVER})`;
  return `nullif(${least}(${due(0)}, ${due(1)}), ${NEVER})`;
}

/** When a worker should next look at a lane. */
const READY_AT = readyAt('due');
const BULK_READY_AT = readyAt('bulk_due');

function readyAt(due: 'due' | 'bulk_due'): OperationNodeSource {
  return worded((words) => `${words.greatest}(lane.${due}, lane.full_until, ${heldUntil(words)})`);
}

/**
 * Computes again when a worker should next look at these lanes, after their deliveries were leased, settled or
 * renewed. Uses outbox_pending and outbox_leased: its cost does not depend on how much is waiting.
 */
export async function refreshLanes(
  trx: Transaction<Schema>,
  connectionIds: Iterable<string>,
  limits: LaneLimits,
  now: number,
): Promise<void> {
  await refresh(trx, valuesOf([...connectionIds], limits, now));
}

interface RefreshValues extends LimitValues {
  connectionIds: string;
  now: number;
}

function valuesOf(
  connectionIds: readonly string[],
  { slots, breakerFailures }: LimitValues,
  now: number,
): RefreshValues {
  return { connectionIds: json(connectionIds), slots, breakerFailures, now };
}

type Ready = (
  column: 'ready_at' | 'bulk_ready_at',
  next: OperationNodeSource,
  now: RawBuilder<number>,
) => OperationNodeSource;

type Which = (now: RawBuilder<number>) => RawBuilder<unknown>;

const refreshing = (ready: Ready, which: Which = () => sql``) =>
  namedStatement<RefreshValues>((value) => {
    const now = value('now');
    // Not before now: the lane goes behind those that already wait for their turn.
    const firstDue = (bulk: 0 | 1) => sql`coalesce((
      select case when due_at > ${now} then due_at else ${now} end from outbox
      where connection_id = value and state = 'pending' and bulk = ${sql.lit(bulk)} order by due_at limit 1), ${NEVER})`;
    return sql`
    update lanes set full_until = lane.full_until,
      ready_at = case when not lane.held and lane.due < ${NEVER} then ${ready('ready_at', READY_AT, now)} end,
      bulk_ready_at = case when not lane.held and lane.bulk_due < ${NEVER}
        then ${ready('bulk_ready_at', BULK_READY_AT, now)} end
    from (
      select connection_id, held, ${LEAST}(single_due, lease_end) as due, bulk_due,
        case when in_flight >= slots then slot_end else 0 end as full_until
      from (
        select value as connection_id,
          ${IS_HELD} as held,
          ${slotsOf(value)} as slots,
          (select count(*) from outbox
            where connection_id = value and state = 'leased' and lease_expires_at > ${now}) as in_flight,
          (select min(lease_expires_at) from outbox
            where connection_id = value and state = 'leased' and lease_expires_at > ${now}) as slot_end,
          coalesce((select min(lease_expires_at) from outbox
            where connection_id = value and state = 'leased'), ${NEVER}) as lease_end,
          ${firstDue(0)} as single_due,
          ${firstDue(1)} as bulk_due
        from ${eachOf(value('connectionIds'))}
        join connections on connections.id = value
        join lanes on lanes.connection_id = value
        ${which(now)}
      ) as owed
    ) as lane
    where lanes.connection_id = lane.connection_id`;
  });

const AS_DUE: Ready = (_column, next) => next;

const refresh = refreshing(AS_DUE);

/**
 * After deliveries of these lanes were settled: computes again what workers would not look at now, and what they must not. The
 * others are looked at anyway, and computed when they have their turn; until then they keep their place. Uses the primary
 * keys, and for what it computes outbox_pending and outbox_leased.
 */
export async function refreshSettledLanes(
  trx: Transaction<Schema>,
  connectionIds: Iterable<string>,
  limits: LaneLimits,
  now: number,
): Promise<void> {
  await refreshUnseen(trx, valuesOf([...connectionIds], limits, now));
}

const HELD_UNTIL = worded(heldUntil);

const refreshUnseen = refreshing(
  AS_DUE,
  (now) => sql`where ${HELD_UNTIL} > ${now}
    or coalesce(lanes.ready_at, ${NEVER}) > ${now} and coalesce(lanes.bulk_ready_at, ${NEVER}) > ${now}`,
);

/** Lanes looked at in one go: few enough that nobody waits for the write lock. */
const PIECE = 250;

/**
 * Checks every lane that is owed something, piece by piece, and forgets those that will never be owed anything again. The
 * transactions that change the outbox derive when a lane should be looked at; this is the safety net should one of them be
 * wrong. A lane that waits for its turn keeps its place. Uses lanes' primary key.
 */
export async function refreshAllLanes(
  { kysely, write }: Pick<Database, 'kysely' | 'write'>,
  limits: LaneLimits,
  clock: Clock,
): Promise<void> {
  for (let position = ''; ; ) {
    const lanes = await lanesBehind(kysely, position, PIECE);
    const idsOf = (all: typeof lanes) => all.map((lane) => lane.connection_id);
    const owed = idsOf(lanes.filter((lane) => lane.is_owed));
    const gone = idsOf(lanes.filter((lane) => lane.is_deleted && !lane.is_owed));
    if (owed.length > 0) await write((trx) => refreshKeepingTurns(trx, valuesOf(owed, limits, clock.now())));
    if (gone.length > 0) await write((trx) => forgetLanes(trx, json(gone)));
    const last = lanes.at(-1);
    if (last === undefined || lanes.length < PIECE) return;
    position = last.connection_id;
    await turn();
  }
}

/** Uses the primary keys, outbox_pending and outbox_leased. */
const lanesBehind = statement<
  [connectionId: string, limit: number],
  { connection_id: string; is_owed: number; is_deleted: number }
>(`
  select connection_id,
    exists (select 1 from outbox where connection_id = lane.connection_id and state = 'pending')
    or exists (select 1 from outbox where connection_id = lane.connection_id and state = 'leased') as is_owed,
    exists (select 1 from connections where id = lane.connection_id and status = 'deleted') as is_deleted
  from (select connection_id from lanes where connection_id > ? order by connection_id limit ?) as lane`);

/** Those of deleted connections that are owed nothing. Uses the primary keys, outbox_pending and outbox_leased. */
const forgetLanes = statement<[connectionIds: string]>(
  (words) => `
  delete from lanes where connection_id in (select value from ${each(words)})
    and exists (select 1 from connections where id = lanes.connection_id and status = 'deleted')
    and not exists (select 1 from outbox where connection_id = lanes.connection_id and state = 'pending')
    and not exists (select 1 from outbox where connection_id = lanes.connection_id and state = 'leased')`,
);

const refreshKeepingTurns = refreshing((column, next, now) => {
  const present = sql.ref(`lanes.${column}`);
  return sql`case when ${present} <= ${now} and ${next} <= ${now} then ${present} else ${next} end`;
});
