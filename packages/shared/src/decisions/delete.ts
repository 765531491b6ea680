import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import type { GroupCommit } from '../db/write.ts';
import { appendEvents } from '../events/append.ts';
import { reviewClosed } from '../events/review.ts';
import { isHeldState } from './held.ts';

/** Decisions deleted in one transaction, so that other writes need not wait long: each may have a long text. */
const BATCH = 200;

/** Deletes what was decided about a message. Uses the primary key. @returns it; undefined when there was nothing. */
export async function deleteDecision(trx: Transaction<Schema>, messageId: string) {
  return trx
    .deleteFrom('decisions')
    .where('message_id', '=', messageId)
    .returning(['message_id', 'sender_id', 'sender_connection_id', 'recipient', 'send_json', 'state'])
    .executeTakeFirst();
}

/**
 * The same because somebody wants it gone. Of a message that is held its sender is told that it never goes out.
 * @returns false when there was nothing.
 */
export async function eraseDecision(
  trx: Transaction<Schema>,
  messageId: string,
  now: number,
): Promise<boolean> {
  const decision = await deleteDecision(trx, messageId);
  if (decision === undefined) return false;
  if (isHeldState(decision.state)) await appendEvents(trx, [reviewClosed(decision, 'rejected')], now);
  return true;
}

/**
 * Deletes what a user has decided, in batches. Call it before the account ends: if the process dies meanwhile, the
 * account is still there to be deleted again.
 */
export async function deleteDecisionsOfUser(write: GroupCommit['write'], userId: string): Promise<void> {
  let deleted = BATCH;
  while (deleted === BATCH) deleted = await write((trx) => deleteSome(trx, userId, BATCH));
}

/** Deletes what little came since {@link deleteDecisionsOfUser}, in the transaction that ends the account. */
export async function deleteLastDecisionsOfUser(trx: Transaction<Schema>, userId: string): Promise<void> {
  await deleteSome(trx, userId, Number.MAX_SAFE_INTEGER);
}

/** Uses decisions_by_resolution. @param limit negative: all of them. */
async function deleteSome(trx: Transaction<Schema>, userId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ message_id: string }>`
    delete from decisions where message_id in (
      select message_id from decisions where sender_id = ${userId} limit ${limit})
    returning message_id
  `.execute(trx);
  return rows.length;
}
