import type { DecisionState, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely, Selectable, Transaction } from 'kysely';

/** What was decided about a message before it was sent. */
export type DecisionRow = Selectable<Schema['decisions']>;

/** How long (ms) a decision to allow waits for its sender to send the message. */
export const ALLOWED_FOR_MS = 86_400_000;

/** Whether nothing came of it in time. What has expired is as if it had never been, until it is deleted. */
export function hasLapsed({ state, expires_at }: DecisionRow, now: number): boolean {
  return state === 'allowed' && expires_at !== null && expires_at <= now;
}

/** Uses decisions_by_resolution. */
const byResolution = statement<[senderId: string, resolutionId: string], DecisionRow>(
  'select * from decisions where sender_id = ? and resolution_id = ?',
);

/** Uses decisions_by_key. */
const byKey = statement<[senderId: string, origin: DecisionRow['origin'], key: string], DecisionRow>(
  'select * from decisions where sender_id = ? and origin = ? and idempotency_key = ?',
);

/** What somebody decided under this id. */
export async function findDecision(
  db: Kysely<Schema>,
  senderId: string,
  resolutionId: string,
): Promise<DecisionRow | undefined> {
  const [decision] = await byResolution(db, senderId, resolutionId);
  return decision;
}

/** What somebody decided with this idempotency key. */
export async function findDecisionByKey(
  db: Kysely<Schema>,
  senderId: string,
  origin: DecisionRow['origin'],
  key: string,
): Promise<DecisionRow | undefined> {
  const [decision] = await byKey(db, senderId, origin, key);
  return decision;
}

/** What was decided about the message with this id. Uses the primary key. */
export async function findDecisionOn(
  db: Kysely<Schema>,
  messageId: string,
): Promise<DecisionRow | undefined> {
  return db.selectFrom('decisions').selectAll().where('message_id', '=', messageId).executeTakeFirst();
}

export async function insertDecision(trx: Transaction<Schema>, decision: DecisionRow): Promise<void> {
  await trx.insertInto('decisions').values(decision).execute();
}

/**
 * The message was sent, or rejected by the registry when it was: what it says is in the table of messages from now on.
 * Uses the primary key.
 */
export async function markSent(trx: Transaction<Schema>, messageId: string, now: number): Promise<void> {
  await trx
    .updateTable('decisions')
    .set({
      state: 'sent' satisfies DecisionState,
      body: null,
      context: null,
      send_json: null,
      audit_json: null,
      summary: null,
      stored_bytes: 0,
      expires_at: null,
      settled_at: now,
    })
    .where('message_id', '=', messageId)
    .execute();
}

/** Columns that say what is decided. */
type DecisionTerms = Pick<
  DecisionRow,
  | 'decision'
  | 'delivery_mode'
  | 'state'
  | 'winning_policy_id'
  | 'reason_code'
  | 'summary'
  | 'expires_at'
  | 'send_json'
  | 'stored_bytes'
>;

/** What was allowed is held from now on. Uses the primary key. */
export async function holdDecision(
  trx: Transaction<Schema>,
  messageId: string,
  terms: DecisionTerms,
): Promise<void> {
  await trx.updateTable('decisions').set(terms).where('message_id', '=', messageId).execute();
}

/** What was held will not be sent. Uses the primary key. */
export async function rejectDecision(
  trx: Transaction<Schema>,
  messageId: string,
  now: number,
): Promise<void> {
  await trx
    .updateTable('decisions')
    .set({ state: 'rejected' satisfies DecisionState, expires_at: null, settled_at: now })
    .where('message_id', '=', messageId)
    .execute();
}
