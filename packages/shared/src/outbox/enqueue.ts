import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { wakeLane } from './lanes.ts';

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
  for (const { id, recipientId, connectionId } of deliveries) {
    await insertDelivery(trx, id, messageId, recipientId, connectionId, now, now);
    await wakeLane(trx, connectionId, now);
  }
}

const insertDelivery = statement<[string, string, string, string, number, number]>(`
  insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at)
  values (?, ?, ?, ?, 'pending', ?, ?)`);
