import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import type { Selectable } from 'kysely';
import type { User } from '../auth/users.ts';
import type { ApiDeps } from '../deps.ts';
import { findEarlier, type IdempotencyKey, idempotencyKeyOf } from './idempotency.ts';
import { insertMessage } from './messages.ts';
import { type Route, routeMessage } from './route-message.ts';
import type { Send } from './schemas.ts';

export interface SentMessage {
  message_id: string;
  status: 'pending';
  delivery_id: string;
  deduplicated?: true;
}

/**
 * Accepts a message: in one transaction it is stored, its delivery owed, and its event told. Once this resolves, the
 * message outlives any crash.
 */
export async function sendMessage(
  deps: ApiDeps,
  sender: User,
  send: Send,
  idempotencyHeader: string | undefined,
): Promise<SentMessage> {
  const { db, clock, newId, settings } = deps;
  if (Buffer.byteLength(send.message) > settings.MAX_PAYLOAD_SIZE) {
    const message = `must have at most ${settings.MAX_PAYLOAD_SIZE} bytes`;
    throw new MahiloError('PAYLOAD_TOO_LARGE', `message ${message}.`, {
      details: [{ path: 'message', message }],
    });
  }
  if (send.recipient_type === 'group') throw new MahiloError('GROUP_NOT_FOUND', 'There is no such group.');
  const idempotency = idempotencyKeyOf(idempotencyHeader, send);

  return db.write(async (trx) => {
    const earlier = idempotency && (await findEarlier(trx, sender.id, idempotency));
    if (earlier) return { ...earlier, status: 'pending' as const, deduplicated: true as const };
    const route = await routeMessage(trx, sender.id, send);
    const now = clock.now();
    const id = newId('msg');
    const deliveryId = newId('dlv');
    await insertMessage(trx, messageRow(id, sender, send, route, idempotency, now));
    const delivery = { id: deliveryId, recipientId: route.recipientId, connectionId: route.connectionId };
    await enqueue(trx, id, [delivery], now);
    const data = {
      message_id: id,
      delivery_id: deliveryId,
      sender: sender.username,
      connection_id: route.connectionId,
      correlation_id: send.correlation_id,
    };
    await appendEvents(trx, [{ userId: route.recipientId, type: 'message_received', data }], now);
    return { message_id: id, status: 'pending' as const, delivery_id: deliveryId };
  });
}

function messageRow(
  id: string,
  sender: User,
  send: Send,
  route: Route,
  idempotency: IdempotencyKey | undefined,
  now: number,
): Selectable<Schema['messages']> {
  const { encryption, sender_signature: signature } = send;
  return {
    id,
    sender_id: sender.id,
    sender_username: sender.username,
    sender_agent: route.senderAgent,
    sender_connection_id: send.sender_connection_id ?? null,
    recipient_type: 'user',
    recipient_id: route.recipientId,
    recipient: route.recipient,
    body: send.message,
    payload_type: send.payload_type ?? 'text/plain',
    encryption_json: encryption ? JSON.stringify({ alg: encryption.alg, key_id: encryption.key_id }) : null,
    sender_signature_json: signature
      ? JSON.stringify({ alg: signature.alg, key_id: signature.key_id, signature: signature.signature })
      : null,
    context: send.context ?? null,
    correlation_id: send.correlation_id ?? null,
    in_response_to: send.in_response_to ?? null,
    status: 'pending',
    rejection_reason: null,
    idempotency_key: idempotency?.key ?? null,
    request_hash: idempotency?.requestHash ?? null,
    created_at: now,
    delivered_at: null,
  };
}
