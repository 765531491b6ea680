import type { User } from '@mahilo/shared/accounts/users';
import { batched } from '@mahilo/shared/db/batched';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Outcome } from '@mahilo/shared/db/write';
import { appendEvents } from '@mahilo/shared/events/append';
import { messageReceived } from '@mahilo/shared/events/message-received';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import type { Transaction } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import { type Earlier, earlierMessages, type IdempotencyKey, repeatedOf, scopedKey } from './idempotency.ts';
import { insertMessages, type MessageRow } from './messages.ts';
import { type Route, routeMessage } from './route-message.ts';
import { RoutingCache } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/** A message that somebody wants to send to somebody. */
export interface Wanted {
  sender: User;
  send: Send;
  idempotency: IdempotencyKey | undefined;
  /** Why a policy forbids it, if one does: then it is kept, and owed to nobody. */
  violation: string | undefined;
}

export interface Accepted {
  message_id: string;
  /** Absent when it was rejected. */
  delivery_id: string | null;
  rejection_reason: string | null;
  /** By an earlier request with the same idempotency key. */
  isEarlier: boolean;
}

/** A message that is yet to be written, and where it goes. */
interface Draft {
  row: MessageRow;
  deliveryId: string;
  connectionId: string;
}

/**
 * Accepts messages to users: in one transaction each is stored, its delivery owed, and its event told. Those that arrive
 * together are judged one by one and written with few statements. Once it resolves, the message outlives any crash.
 * @throws MahiloError as `routeMessage` and `repeatedOf` do, each for its own message.
 */
export function messageAcceptor(deps: ApiDeps): (wanted: Wanted) => Promise<Accepted> {
  const routing = new RoutingCache();
  return batched(deps.db.write, async (trx, all) => {
    await routing.refresh(trx);
    const known = await earlierMessages(trx, all.flatMap(keyOf));
    const now = deps.clock.now();
    const drafts: Draft[] = [];
    const accept = async (wanted: Wanted): Promise<Accepted> => {
      const earlier = repeatedOf(known, wanted.sender.id, wanted.idempotency);
      if (earlier) return { ...toldOf(earlier), isEarlier: true };
      const facts = await routing.find(trx, wanted.sender.id, wanted.send.recipient);
      const draft = draftOf(deps, wanted, routeMessage(facts, wanted.send), now);
      drafts.push(draft);
      const { id: message_id, request_hash, rejection_reason } = draft.row;
      const delivery_id = rejection_reason === null ? draft.deliveryId : null;
      const told = { message_id, delivery_id, rejection_reason };
      for (const key of keyOf(wanted)) known.set(scopedKey(...key), { ...told, request_hash });
      return { ...told, isEarlier: false };
    };
    const outcomes: Outcome<Accepted>[] = [];
    for (const wanted of all) outcomes.push(await outcomeOf(accept(wanted)));
    await store(trx, drafts, now);
    return outcomes;
  });
}

function keyOf({ sender, idempotency }: Wanted): (readonly [senderId: string, key: string])[] {
  return idempotency === undefined ? [] : [[sender.id, idempotency.key]];
}

function toldOf({ message_id, delivery_id, rejection_reason }: Earlier) {
  return { message_id, delivery_id, rejection_reason };
}

async function outcomeOf<T>(accepting: Promise<T>): Promise<Outcome<T>> {
  return accepting.then(
    (value) => ({ ok: true, value }),
    (error) => ({ ok: false, error }),
  );
}

async function store(trx: Transaction<Schema>, all: readonly Draft[], now: number): Promise<void> {
  await insertMessages(
    trx,
    all.map(({ row }) => row),
  );
  const drafts = all.filter(({ row }) => row.status !== 'rejected');
  await enqueue(
    trx,
    drafts.map(({ row, deliveryId, connectionId }) => ({
      id: deliveryId,
      messageId: row.id,
      recipientId: row.recipient_id,
      connectionId,
    })),
    now,
  );
  await appendEvents(
    trx,
    drafts.map(({ row, deliveryId, connectionId }) =>
      messageReceived({
        recipient_id: row.recipient_id,
        message_id: row.id,
        delivery_id: deliveryId,
        sender: row.sender_username,
        connection_id: connectionId,
        correlation_id: row.correlation_id,
      }),
    ),
    now,
  );
}

function draftOf({ newId }: ApiDeps, wanted: Wanted, route: Route, now: number): Draft {
  const id = newId('msg');
  return {
    row: messageRow(id, wanted, route, now),
    // A message to a user has one delivery: its id is the message's under another prefix, which costs nothing to make.
    deliveryId: id.replace('msg', 'dlv'),
    connectionId: route.connectionId,
  };
}

/** A message as it is stored when it is accepted. */
export function messageRow(
  id: string,
  { sender, send, idempotency, violation }: Wanted,
  route: Omit<Route, 'connectionId'>,
  now: number,
): MessageRow {
  const { encryption, sender_signature: signature } = send;
  return {
    id,
    sender_id: sender.id,
    sender_username: sender.username,
    sender_agent: route.senderAgent,
    sender_connection_id: send.sender_connection_id ?? null,
    recipient_type: send.recipient_type ?? 'user',
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
    status: violation === undefined ? 'pending' : 'rejected',
    rejection_reason: violation ?? null,
    idempotency_key: idempotency?.key ?? null,
    request_hash: idempotency?.requestHash ?? null,
    created_at: now,
    delivered_at: null,
  };
}
