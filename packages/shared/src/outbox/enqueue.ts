import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { insertStatement } from '../db/statement.ts';
import { type Urgency, wakeLanes } from './lanes.ts';

export interface NewDelivery {
  id: string;
  messageId: string;
  recipientId: string;
  connectionId: string;
  /** Default `single`. */
  urgency?: Urgency;
}

/** Adds the deliveries that messages owe to the outbox, due at once, in the transaction that accepts the messages. */
export async function enqueue(
  trx: Transaction<Schema>,
  deliveries: readonly NewDelivery[],
  now: number,
): Promise<void> {
  await insertDeliveries(
    trx,
    deliveries.map(({ id, messageId, recipientId, connectionId, urgency }) => [
      id,
      messageId,
      recipientId,
      connectionId,
      'pending',
      urgency === 'bulk' ? 1 : 0,
      now,
      now,
    ]),
  );
  for (const [urgency, own] of Map.groupBy(deliveries, (delivery) => delivery.urgency ?? 'single')) {
    await wakeLanes(trx, new Set(own.map(({ connectionId }) => connectionId)), now, urgency);
  }
}

type DeliveryValues = [
  id: string,
  messageId: string,
  recipientId: string,
  connectionId: string,
  state: 'pending',
  bulk: 0 | 1,
  dueAt: number,
  createdAt: number,
];

const insertDeliveries = insertStatement<DeliveryValues>(
  'insert into outbox (id, message_id, recipient_id, connection_id, state, bulk, due_at, created_at)',
  8,
);
