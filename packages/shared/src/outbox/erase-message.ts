import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import type { SentColumn } from '../messages/message-fields.ts';
import { wakeLanes } from './lanes.ts';
import { reportEnded, type SettledRow } from './settle.ts';

/** What erasing makes of each column that the sender fills; undefined: the column stays. */
const ERASED = {
  body: '',
  context: null,
  sender_connection_id: undefined,
  payload_type: undefined,
  encryption_json: undefined,
  sender_signature_json: undefined,
  correlation_id: undefined,
  in_response_to: undefined,
} as const satisfies Record<SentColumn, string | null | undefined>;

/**
 * Erases the content of a message. Its row stays, empty and marked. Cancels what is not delivered yet, even if it is
 * leased: the worker loses the lease, and nobody gets the message again. What agents answered goes, too: they may have
 * repeated it. Uses the primary keys and outbox_by_message.
 * @returns false when it was erased already.
 */
export async function eraseMessage(trx: Transaction<Schema>, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('messages')
    .set({ ...ERASED, erased_at: now, stored_bytes: 0 })
    .where('id', '=', id)
    .where('erased_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await sql`
    update delivery_attempts set response_excerpt = null
    where delivery_id in (select id from outbox where message_id = ${id}) and response_excerpt is not null
  `.execute(trx);
  const { rows } = await sql<SettledRow & { connection_id: string }>`
    update outbox set state = 'cancelled', settled_at = ${now}, last_error = 'The message was erased.',
      lease_token = null, lease_owner = null, lease_expires_at = null
    where message_id = ${id} and settled_at is null
    returning id, message_id, state, attempts, connection_id
  `.execute(trx);
  if (rows.length > 0) await reportEnded(trx, rows, now);
  await wakeLanes(trx, new Set(rows.map((row) => row.connection_id)), now);
  return true;
}
