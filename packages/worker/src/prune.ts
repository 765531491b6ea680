import type { Schema } from '@mahilo/shared/db/schema';
import { jsonEach } from '@mahilo/shared/db/sqlite/json-rows';
import { newestEventId } from '@mahilo/shared/events/tail';
import { idAtTime } from '@mahilo/shared/ids';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { WorkerDeps } from './deps.ts';

/** Messages deleted in one transaction: few enough that the write lock is held only briefly. */
const BATCH = 200;

/**
 * Deletes settled messages, with their deliveries and attempts, and events that are older than `before` (ms). Works
 * in small batches, so that others can write in between.
 * @returns how many messages and events it deleted.
 */
export async function prune(
  { db }: Pick<WorkerDeps, 'db'>,
  before: number,
  signal: AbortSignal,
): Promise<{ messages: number; events: number }> {
  let messages = 0;
  let events = 0;
  let position = '';
  while (!signal.aborted) {
    const ids = await oldMessages(db.kysely, position, before);
    if (ids.length === 0) break;
    messages += await db.write((trx) => deleteSettled(trx, ids, before));
    position = ids.at(-1) ?? position;
  }
  while (!signal.aborted) {
    const deleted = await db.write((trx) => deleteEvents(trx, before));
    if (deleted === 0) break;
    events += deleted;
  }
  return { messages, events };
}

/** Deletes entries of the audit trail from before `before` (ms), in small batches. Uses audit_by_time. */
export async function pruneAudit(
  { db }: Pick<WorkerDeps, 'db'>,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  let deleted = BATCH;
  while (deleted === BATCH && !signal.aborted) {
    deleted = await db.write(async (trx) => {
      const { rows } = await sql<{ id: number }>`
        delete from audit where id in (
          select id from audit where created_at < ${before} order by created_at limit ${BATCH})
        returning id
      `.execute(trx);
      return rows.length;
    });
  }
}

/**
 * Oldest first, after `position`: ids sort by time. A message to a group, with its thousand deliveries, ends the
 * batch. Uses the primary key.
 */
async function oldMessages(db: Kysely<Schema>, position: string, before: number): Promise<string[]> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'recipient_type'])
    .where('id', '>', position)
    .where('id', '<', idAtTime('msg', before))
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
    select value as id from ${jsonEach(ids)} where not exists (
      select 1 from outbox where message_id = value and (settled_at is null or settled_at >= ${before}))
  `.execute(trx);
  const settled = jsonEach(rows.map((row) => row.id));
  await sql`
    delete from delivery_attempts where delivery_id in (
      select id from outbox where message_id in (select value from ${settled}))
  `.execute(trx);
  await sql`delete from outbox where message_id in (select value from ${settled})`.execute(trx);
  await sql`delete from messages where id in (select value from ${settled})`.execute(trx);
  return rows.length;
}

/**
 * Event ids grow with time, so the oldest come first. The newest event stays, whatever its age: it shows how far the
 * log has come, and tells a stream that resumes what it has missed. Uses the primary key.
 */
async function deleteEvents(trx: Transaction<Schema>, before: number): Promise<number> {
  const oldest = await trx
    .selectFrom('events')
    .select(['id', 'created_at'])
    .orderBy('id')
    .limit(BATCH)
    .execute();
  const newest = await newestEventId(trx);
  const ids = oldest.filter(({ id, created_at }) => created_at < before && id < newest).map(({ id }) => id);
  if (ids.length > 0) await trx.deleteFrom('events').where('id', 'in', ids).execute();
  return ids.length;
}
