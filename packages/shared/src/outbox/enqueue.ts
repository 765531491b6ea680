import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { insertStatement } from '../db/statement.ts';
import { wakeLanes } from './lanes.ts';

export interface NewDelivery {
  id: string;
  messageId: string;
  recipientId: string;
  connectionId: string;
}

/** Puts the deliveries that messages owe into the outbox, due at once, in the transaction that accepts the messages. */
export async function enqueue(
  trx: Transaction<Schema>,
  deliveries: readonly NewDelivery[],
  now: number,
): Promise<void> {
  await insertDeliveries(
    trx,
    deliveries.map(({ id, messageId, recipientId, connectionId }) => [
      id,
      messageId,
      recipientId,
      connectionId,
      'pending',
      now,
      now,
    ]),
  );
  await wakeLanes(trx, new Set(deliveries.map(({ connectionId }) => connectionId)), now);
}

type DeliveryValues = [
  id: string,
  messageId: string,
  recipientId: string,
  connectionId: string,
  state: 'pending',
  dueAt: number,
  createdAt: number,
];

const insertDeliveries = insertStatement<DeliveryValues>(
  'insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at)',
  7,
);
