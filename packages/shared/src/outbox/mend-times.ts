import { setImmediate as turn } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/database.ts';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { each, eachOf } from '../db/words/rows.ts';
import { JOIN_IN_ORDER } from '../db/words/words.ts';

/** The clock may be wrong by so much (ms) without anything being wrong, and waits that no setting bounds are no longer. */
const TOLERANCE_MS = 60_000;
/** Lanes looked at in one go, and deliveries mended in one transaction at most for them: nobody waits for that. */
const PIECE = 500;
const MAX_MENDED = 1000;

/** The longest waits (ms) that the settings allow. */
export interface LongestWaits {
  retryMs: number;
  leaseMs: number;
  inboxLeaseMs: number;
  pauseMs: number;
}

/** Times (ms) after which something is not believed, by what it is. */
interface Latest {
  due: number;
  lease: number;
  pause: number;
  past: number;
}

/**
 * Mends what a clock that was ahead has left behind: times that lie further in the future than any setting allows are not
 * believed. What was to be retried is due now; who holds a lease has time to renew it; pauses end; a worker that was heard
 * of in the future is forgotten until it is heard of again. Looks at the lanes in pieces, without a lock.
 * @returns how many deliveries were mended.
 */
export async function mendTimes(
  { kysely, write }: Pick<Database, 'kysely' | 'write'>,
  { retryMs, leaseMs, inboxLeaseMs, pauseMs }: LongestWaits,
  now: number,
): Promise<number> {
  const longest = Math.max(retryMs, leaseMs, inboxLeaseMs, pauseMs, TOLERANCE_MS);
  const latest: Latest = {
    due: now + Math.max(retryMs, TOLERANCE_MS) + TOLERANCE_MS,
    lease: now + Math.max(leaseMs, inboxLeaseMs) + TOLERANCE_MS,
    pause: now + longest + TOLERANCE_MS,
    past: now + TOLERANCE_MS,
  };
  let mended = 0;
  for (let position = ''; ; ) {
    const lanes = (await lanesBehind(kysely, position, PIECE)).map((lane) => lane.connection_id);
    const ids = JSON.stringify(lanes);
    const due = await dueTooLate(kysely, ids, latest.due, MAX_MENDED);
    const leased = await leasedTooLong(kysely, ids, latest.lease, MAX_MENDED);
    const paused = await pausedTooLong(kysely, lanes, latest.pause, latest.past);
    if (due.length + leased.length + paused.length > 0) {
      await write(async (trx) => {
        await set(trx, 'due_at', due, latest.due, now);
        await set(trx, 'lease_expires_at', leased, latest.lease, now + leaseMs);
        await mendLanes(trx, paused, latest.pause, now);
      });
    }
    mended += due.length + leased.length;
    if (lanes.length < PIECE) break;
    position = lanes.at(-1) ?? position;
    await turn();
  }
  const early = await kysely
    .selectFrom('workers')
    .select('id')
    .where('heartbeat_at', '>', latest.past)
    .executeTakeFirst();
  if (early !== undefined) {
    await write((trx) => trx.deleteFrom('workers').where('heartbeat_at', '>', latest.past).execute());
  }
  return mended;
}

/** Uses the primary key. */
const lanesBehind = statement<[connectionId: string, limit: number], { connection_id: string }>(
  'select connection_id from lanes where connection_id > ? order by connection_id limit ?',
);

/** Uses outbox_pending. */
const dueTooLate = statement<[lanes: string, latest: number, limit: number], { id: string }>(
  (words) => `
  select outbox.id from ${each(words)}
  cross join (select 0 as bulk union all select 1) as kind
  ${words.joinInOrder} outbox on outbox.connection_id = value and outbox.state = 'pending'
    and outbox.bulk = kind.bulk and outbox.due_at > ?
  limit ?`,
);

/** Uses outbox_leased. */
const leasedTooLong = statement<[lanes: string, latest: number, limit: number], { id: string }>(
  (words) => `
  select outbox.id from ${each(words)}
  ${words.joinInOrder} outbox on outbox.connection_id = value and outbox.state = 'leased' and outbox.lease_expires_at > ?
  limit ?`,
);

const PAUSES = ['full_until', 'paused_until', 'asked_until', 'trouble_until', 'unproven_until'] as const;
const PAST = ['failing_since', 'trouble_since', 'unproven_since', 'warned_at'] as const;

/** Uses the primary key. */
async function pausedTooLong(
  db: Kysely<Schema>,
  lanes: readonly string[],
  latest: number,
  past: number,
): Promise<{ id: string }[]> {
  const tooLate = [
    ...PAUSES.map((column) => sql`${sql.ref(column)} > ${latest}`),
    ...PAST.map((column) => sql`${sql.ref(column)} > ${past}`),
  ];
  const { rows } = await sql<{ id: string }>`
    select connection_id as id from ${eachOf(lanes)} ${JOIN_IN_ORDER} lanes on connection_id = value
    where ${sql.join(tooLate, sql` or `)}
  `.execute(db);
  return rows;
}

type Found = readonly { id: string }[];

/** Only what still is as it was found. Uses the primary key. */
async function set(
  trx: Transaction<Schema>,
  column: 'due_at' | 'lease_expires_at',
  found: Found,
  latest: number,
  to: number,
): Promise<void> {
  const ids = eachOf(found.map(({ id }) => id));
  await sql`
    update outbox set ${sql.ref(column)} = ${to}
    where id in (select value from ${ids}) and ${sql.ref(column)} > ${latest}
  `.execute(trx);
}

async function mendLanes(trx: Transaction<Schema>, found: Found, latest: number, now: number): Promise<void> {
  const sets = [
    ...PAUSES.map((column) => `${column} = case when ${column} > ${latest} then 0 else ${column} end`),
    ...PAST.map((column) => `${column} = case when ${column} > ${now} then ${now} else ${column} end`),
  ];
  const ids = eachOf(found.map(({ id }) => id));
  await sql`update lanes set ${sql.raw(sets.join(', '))} where connection_id in (select value from ${ids})`.execute(
    trx,
  );
}
