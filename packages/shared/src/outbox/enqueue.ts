import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { jsonEach } from '../db/sqlite/json-rows.ts';
import { wakeLanes } from './lanes.ts';

export interface NewDelivery {
  id: string;
  recipientId: string;
  connectionId: string;
}

/** Puts the deliveries that a message owes into the outbox, due at once, in the transaction that accepts the message. */
export async function enqueue(
  trx: Transaction<Schema>,
  messageId: string,
  deliveries: readonly NewDelivery[],
  now: number,
): Promise<void> {
  await sql`
    insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at)
    select value ->> 'id', ${messageId}, value ->> 'recipientId', value ->> 'connectionId', 'pending', ${now}, ${now}
    from ${jsonEach(deliveries)}
  `.execute(trx);
  await wakeLanes(
    trx,
    deliveries.map((delivery) => delivery.connectionId),
    now,
  );
}
