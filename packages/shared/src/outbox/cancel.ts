import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { reportEnded, type SettledRow } from './settle.ts';

/**
 * Cancels what waits for a connection. What is in flight ends as it ends, but is not tried again (see
 * `settleIfLeased`). Uses outbox_pending.
 */
export async function cancelDeliveries(
  trx: Transaction<Schema>,
  connectionId: string,
  now: number,
): Promise<void> {
  const { rows } = await sql<SettledRow>`
    update outbox set state = 'cancelled', settled_at = ${now}, last_error = 'The connection was deleted.'
    where connection_id = ${connectionId} and state = 'pending'
    returning id, message_id, state, attempts
  `.execute(trx);
  if (rows.length > 0) await reportEnded(trx, rows, now);
}
