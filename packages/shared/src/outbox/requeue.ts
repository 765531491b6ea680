import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { eachOf } from '../db/words/rows.ts';
import { appendEvents } from '../events/append.ts';
import { messageReceived, type ReceivedDelivery } from '../events/message-received.ts';
import { wakeLanes } from './lanes.ts';
import { summarize } from './settle.ts';

/**
 * Gives settled deliveries a new cycle of attempts, due at once, and appends the events of new messages for their
 * recipients. Skips deliveries that are not settled or cancelled, and those of erased messages. What was delivered
 * still counts as delivered.
 * @returns how many were requeued.
 */
export async function requeueSettled(
  trx: Transaction<Schema>,
  deliveryIds: readonly string[],
  now: number,
): Promise<number> {
  const { rows } = await sql<{ id: string; message_id: string | null; connection_id: string }>`
    update outbox set state = 'pending', due_at = ${now}, attempts_before_cycle = attempts, cycle = cycle + 1,
      first_delivered_at = coalesce(first_delivered_at, case when state = 'delivered' then settled_at end),
      settled_at = null
    where id in (select value from ${eachOf(deliveryIds)}) and state in ('failed', 'delivered')
      and not exists (select 1 from messages where id = message_id and erased_at is not null)
    returning id, message_id, connection_id
  `.execute(trx);
  if (rows.length === 0) return 0;
  const ofMessages = rows.filter((row) => row.message_id !== null);
  const messageIds = ofMessages.map((row) => row.message_id).filter((id) => id !== null);
  await summarize(trx, messageIds, now);
  await reportRequeued(
    trx,
    ofMessages.map((row) => row.id),
    now,
  );
  await wakeLanes(trx, new Set(rows.map((row) => row.connection_id)), now);
  return rows.length;
}

/** Appends the events for the recipients, with the same fields as a new message's. Uses the primary keys. */
async function reportRequeued(
  trx: Transaction<Schema>,
  deliveryIds: readonly string[],
  now: number,
): Promise<void> {
  const { rows } = await sql<ReceivedDelivery>`
    select outbox.recipient_id, outbox.message_id, outbox.id as delivery_id, messages.sender_username as sender,
      outbox.connection_id, messages.correlation_id, groups.id as group_id, groups.name as group_name
    from ${eachOf(deliveryIds)}
    join outbox on outbox.id = value
    join messages on messages.id = outbox.message_id
    left join groups on messages.recipient_type = 'group' and groups.id = messages.recipient_id
  `.execute(trx);
  await appendEvents(trx, rows.map(messageReceived), now);
}
