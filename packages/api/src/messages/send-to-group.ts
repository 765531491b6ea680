import type { Schema } from '@mahilo/shared/db/schema';
import { appendEvents } from '@mahilo/shared/events/append';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import type { Transaction } from 'kysely';
import type { User } from '../auth/users.ts';
import type { ApiDeps } from '../deps.ts';
import type { Judge } from '../policies/judge.ts';
import { messageRow } from './accept.ts';
import {
  assertSameRequest,
  countDeliveries,
  type Earlier,
  earlierMessages,
  type IdempotencyKey,
  idempotencyKeyOf,
  scopedKey,
} from './idempotency.ts';
import { insertMessages } from './messages.ts';
import { routeToGroup } from './route-to-group.ts';
import type { Send } from './schemas.ts';
import { assertSize, type RejectedMessage } from './send.ts';

export interface SentToGroup {
  message_id: string;
  status: 'pending';
  recipients: number;
  delivered: number;
  pending: number;
  failed: number;
  deduplicated?: true;
}

/**
 * Accepts a message to a group: in one transaction it is stored once, and a delivery owed and an event told to each
 * member that can take it.
 */
export async function sendToGroup(
  { db, clock, newId, settings }: ApiDeps,
  judge: Judge,
  sender: User,
  send: Send,
  idempotencyHeader: string | undefined,
): Promise<SentToGroup | RejectedMessage> {
  assertSize(send.message, settings.MAX_PAYLOAD_SIZE);
  const idempotency = idempotencyKeyOf(idempotencyHeader, send);
  const objection = await judge.objection(sender, send);

  return db.write(async (trx) => {
    const earlier = idempotency && (await earlierMessage(trx, sender.id, idempotency));
    if (earlier) return { ...(await answerToEarlier(trx, earlier)), deduplicated: true as const };
    const { groupId, groupName, recipients, senderAgent } = await routeToGroup(trx, sender.id, send);
    const now = clock.now();
    const id = newId('msg');
    const route = { recipientId: groupId, recipient: groupId, senderAgent };
    await insertMessages(trx, [messageRow(id, { sender, send, idempotency, objection }, route, now)]);
    if (objection !== undefined) return rejected(id, objection);
    const deliveries = recipients.map((recipient) => ({ ...recipient, id: newId('dlv'), messageId: id }));
    await enqueue(trx, deliveries, now);
    const events = deliveries.map((delivery) => ({
      userId: delivery.recipientId,
      type: 'message_received' as const,
      data: {
        message_id: id,
        delivery_id: delivery.id,
        sender: sender.username,
        connection_id: delivery.connectionId,
        correlation_id: send.correlation_id,
        group_id: groupId,
        group_name: groupName,
      },
    }));
    await appendEvents(trx, events, now);
    return accepted(id, deliveries.length);
  });
}

async function earlierMessage(
  trx: Transaction<Schema>,
  senderId: string,
  idempotency: IdempotencyKey,
): Promise<Earlier | undefined> {
  const known = await earlierMessages(trx, [[senderId, idempotency.key]]);
  const earlier = known.get(scopedKey(senderId, idempotency.key));
  if (earlier) assertSameRequest(earlier, idempotency);
  return earlier;
}

async function answerToEarlier(trx: Transaction<Schema>, { message_id, rejection_reason }: Earlier) {
  return rejection_reason === null
    ? accepted(message_id, await countDeliveries(trx, message_id))
    : rejected(message_id, rejection_reason);
}

function rejected(message_id: string, rejection_reason: string): RejectedMessage {
  return { message_id, status: 'rejected', rejection_reason };
}

/** The answer to a message as it is accepted: everything is still to be done. */
function accepted(messageId: string, recipients: number): SentToGroup {
  return {
    message_id: messageId,
    status: 'pending',
    recipients,
    delivered: 0,
    pending: recipients,
    failed: 0,
  };
}
