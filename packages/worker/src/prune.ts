import type { OutboxState, Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { JOIN_IN_ORDER } from '@mahilo/shared/db/words/words';
import { newestEventId } from '@mahilo/shared/events/tail';
import { idAtTime } from '@mahilo/shared/ids';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

/** Events looked at in one go, without a lock. */
const EVENTS_PAGE = 20 * BATCH;

/** Later than now by more than this (ms), a time was written while the clock was ahead. */
const AHEAD_MS = 60_000;

const HOUR_MS = 3_600_000;
/** How long (ms) ended deliveries of events are kept. A dead letter can be recovered; nobody asks for the others. */
const EVENTS_KEPT_MS = {
  delivered: HOUR_MS,
  cancelled: HOUR_MS,
  failed: 24 * HOUR_MS,
} as const satisfies Partial<Record<OutboxState, number>>;

/**
 * Deletes settled messages, with their deliveries and attempts, and events that are older than `before` (ms). Works
 * in small batches, so that others can write in between.
 * What was written while the clock was ahead counts from the first look at it.
 * @returns how many messages and events it deleted.
 */
export async function prune(
  deps: PruneDeps,
  before: number,
  signal: AbortSignal,
): Promise<{ messages: number; events: number }> {
  const { clock } = deps;
  const old = { from: () => '', to: idAtTime('msg', before) };
  const ahead = { from: () => idAtTime('msg', clock.now() + AHEAD_MS), to: LAST_MESSAGE };
  const late = await pruneMessages(deps, old, before, signal);
  const early = await pruneMessages(deps, ahead, before, signal);
  return { messages: late + early, events: await pruneEvents(deps, before, signal) };
}

/** Sorts behind every id of a message. */
const LAST_MESSAGE = 'msg_~';

type PruneDeps = Pick<WorkerDeps, 'db' | 'clock'>;

interface IdRange {
  /** Asked each time: what is ahead of the clock now may not be so when an hour has passed. */
  from(): string;
  to: string;
}

async function pruneMessages(
  { db, clock }: PruneDeps,
  { from, to }: IdRange,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  let position = '';
  while (!signal.aborted) {
    const start = from();
    if (position < start) position = start;
    const ids = await messagesBetween(db.kysely, position, to);
    if (ids.length === 0) break;
    deleted += await db.write(async (trx) => {
      await mendAhead(trx, ids, clock.now());
      return deleteSettled(trx, ids, before);
    });
    position = ids.at(-1) ?? position;
  }
  return deleted;
}

/** What cannot have happened yet is taken for now. Uses the primary key, and outbox_by_message. */
async function mendAhead(trx: Transaction<Schema>, ids: readonly string[], now: number): Promise<void> {
  await sql`
    update messages set created_at = ${now}
    where id in (select value from ${eachOf(ids)}) and created_at > ${now + AHEAD_MS}
  `.execute(trx);
  await sql`
    update outbox set settled_at = ${now}
    where message_id in (select value from ${eachOf(ids)}) and settled_at > ${now + AHEAD_MS}
  `.execute(trx);
}

/**
 * Deletes the deliveries of events some time after their end: those of messages go with their message, which its sender has
 * room for. In small batches. Uses outbox_events_settled.
 */
export async function pruneEventDeliveries(
  { db, clock }: Pick<WorkerDeps, 'db' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  for (const [state, keptMs] of Object.entries(EVENTS_KEPT_MS)) {
    const old = sql`
      select id from outbox where event_id is not null and settled_at is not null
        and state = ${state} and settled_at < ${clock.now() - keptMs}
      order by settled_at limit ${BATCH}`;
    await inBatches(signal, () =>
      db.write(async (trx) => {
        await sql`delete from delivery_attempts where delivery_id in (${old})`.execute(trx);
        const { rows } = await sql<{
          id: string;
        }>`delete from outbox where id in (${old}) returning id`.execute(trx);
        return rows.length;
      }),
    );
  }
}

/** Deletes entries of the audit trail from before `before` (ms), in small batches. Uses audit_by_time. */
export async function pruneAudit(
  { db }: Pick<WorkerDeps, 'db'>,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  await inBatches(signal, () =>
    db.write(async (trx) => {
      const { rows } = await sql<{ id: number }>`
        delete from audit where id in (
          select id from audit where created_at < ${before} order by created_at limit ${BATCH})
        returning id
      `.execute(trx);
      return rows.length;
    }),
  );
}

/**
 * Oldest first, after `position`: ids sort by time. A message to a group, with its thousand deliveries, ends the
 * batch. Uses the primary key.
 */
async function messagesBetween(db: Kysely<Schema>, position: string, end: string): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'recipient_type'])
    .where('id', '>', position)
    .where('id', '<', end)
    .orderBy('id')
    .limit(BATCH)
    .execute();
  const toGroup = rows.findIndex((row) => row.recipient_type === 'group');
  return rows.slice(0, toGroup === -1 ? BATCH : toGroup + 1).map((row) => row.id);
}

async function deleteSettled(
  trx: Transaction<Schema>,
  ids: readonly string[],
  before: number,
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select messages.id from ${eachOf(ids)} ${JOIN_IN_ORDER} messages on messages.id = value
    where created_at < ${before} and not exists (
      select 1 from outbox where message_id = value and (settled_at is null or settled_at >= ${before}))
  `.execute(trx);
  const settled = eachOf(rows.map((row) => row.id));
  await sql`
    delete from delivery_attempts where delivery_id in (
      select id from outbox where message_id in (select value from ${settled}))
  `.execute(trx);
  await sql`delete from outbox where message_id in (select value from ${settled})`.execute(trx);
  await sql`delete from messages where id in (select value from ${settled})`.execute(trx);
  return rows.length;
}

/**
 * Event ids grow with time, so the oldest come first: what precedes an old event is as old, whatever the clock said.
 * The newest event stays, whatever its age: it shows how far the log has come, and tells a stream that resumes what it
 * has missed. Uses the primary key.
 */
async function pruneEvents({ db, clock }: PruneDeps, before: number, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  let position = 0;
  while (!signal.aborted) {
    const rows = await db.kysely
      .selectFrom('events')
      .select(['id', 'created_at'])
      .where('id', '>', position)
      .orderBy('id')
      .limit(EVENTS_PAGE)
      .execute();
    const old = rows.findLast(({ created_at }) => created_at < before);
    if (old !== undefined) deleted += await deleteEventsUpTo(db, old.id, signal);
    const isBeyond = old === undefined && rows.some(({ created_at }) => created_at <= clock.now() + AHEAD_MS);
    if (rows.length === 0 || isBeyond) break;
    position = rows.at(-1)?.id ?? position;
  }
  return deleted;
}

async function deleteEventsUpTo(
  db: Pick<WorkerDeps['db'], 'write'>,
  last: number,
  signal: AbortSignal,
): Promise<number> {
  return inBatches(signal, () =>
    db.write(async (trx) => {
      const end = Math.min(last, (await newestEventId(trx)) - 1);
      const { rows } = await sql<{ id: number }>`
        delete from events where id in (select id from events where id <= ${end} order by id limit ${BATCH})
        returning id
      `.execute(trx);
      return rows.length;
    }),
  );
}
