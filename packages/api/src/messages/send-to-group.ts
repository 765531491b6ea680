import type { User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { appendEvents } from '@mahilo/shared/events/append';
import { messageReceived } from '@mahilo/shared/events/message-received';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import type { Transaction } from 'kysely';
import pLimit from 'p-limit';
import type { ApiDeps } from '../deps.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { messageRow, type Wanted } from './accept.ts';
import {
  countDeliveries,
  type Earlier,
  earlierMessages,
  type IdempotencyKey,
  idempotencyKeyOf,
  repeatedOf,
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
 * Messages to groups that are written in one transaction at most. One to a thousand members takes 30 ms, in which nobody
 * else can write.
 */
const SENDS_AT_ONCE = 4;

export type SendToGroup = (
  sender: User,
  send: Send,
  idempotencyHeader: string | undefined,
) => Promise<SentToGroup | RejectedMessage>;

/** Sends messages to groups. */
export function groupSender(deps: ApiDeps, enforcer: PolicyEnforcer): SendToGroup {
  const inTurn = pLimit(SENDS_AT_ONCE);
  return async (sender, send, idempotencyHeader) => {
    assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
    const idempotency = idempotencyKeyOf(idempotencyHeader, send);
    const violation = await enforcer.violation(sender, send);
    const wanted = { sender, send, idempotency, violation };
    return inTurn(() => deps.db.write((trx) => accept(deps, trx, wanted)));
  };
}

/**
 * Accepts a message to a group: in one transaction it is stored once, and a delivery owed and an event told to each
 * member that can take it.
 */
async function accept(
  { clock, newId }: ApiDeps,
  trx: Transaction<Schema>,
  wanted: Wanted,
): Promise<SentToGroup | RejectedMessage> {
  const { sender, send, idempotency, violation } = wanted;
  const earlier = idempotency && (await earlierMessage(trx, sender.id, idempotency));
  if (earlier) return { ...(await answerToEarlier(trx, earlier)), deduplicated: true as const };
  const { groupId, groupName, recipients, senderAgent } = await routeToGroup(trx, sender.id, send);
  const now = clock.now();
  const id = newId('msg');
  const route = { recipientId: groupId, recipient: groupId, senderAgent };
  await insertMessages(trx, [messageRow(id, wanted, route, now)]);
  if (violation !== undefined) return rejected(id, violation);
  const deliveries = recipients.map((recipient) => ({ ...recipient, id: newId('dlv'), messageId: id }));
  await enqueue(trx, deliveries, now);
  const events = deliveries.map((delivery) =>
    messageReceived({
      recipient_id: delivery.recipientId,
      message_id: id,
      delivery_id: delivery.id,
      sender: sender.username,
      connection_id: delivery.connectionId,
      correlation_id: send.correlation_id ?? null,
      group_id: groupId,
      group_name: groupName,
    }),
  );
  await appendEvents(trx, events, now);
  return accepted(id, deliveries.length);
}

async function earlierMessage(
  trx: Transaction<Schema>,
  senderId: string,
  idempotency: IdempotencyKey,
): Promise<Earlier | undefined> {
  const known = await earlierMessages(trx, [[senderId, idempotency.key]]);
  return repeatedOf(known, senderId, idempotency);
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
