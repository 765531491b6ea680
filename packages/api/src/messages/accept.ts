import { storedBytesOf } from '@mahilo/shared/bounds/stored-bytes';
import { lockFor } from '@mahilo/shared/db/beside';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Outcome } from '@mahilo/shared/db/write';
import { appendEvents } from '@mahilo/shared/events/append';
import { messageReceived } from '@mahilo/shared/events/message-received';
import type { MessageRow } from '@mahilo/shared/messages/message-fields';
import { enqueue, type NewDelivery } from '@mahilo/shared/outbox/enqueue';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { SendQuota, Taken } from '../bounds/send-quota.ts';
import type { ApiDeps } from '../deps.ts';
import { StaleJudgement } from '../policies/judge.ts';
import { isUsable, takeUse } from '../policies/policies.ts';
import { type Earlier, earlierMessages, type IdempotencyKey, repeatedOf } from './idempotency.ts';
import { insertMessages } from './messages.ts';
import type { Send } from './schemas.ts';

/** A request to send a message that is valid by itself. */
export interface SendRequest {
  sender: Caller;
  send: Send;
  idempotency: IdempotencyKey | undefined;
  /** Why a policy forbids it, if one does: then the message is stored and owed to nobody. */
  violation: string | undefined;
  /** The policy that decided so, if it can do that only so often. */
  policyUsed: string | undefined;
  /** It was decided about before: the id that the message gets, and how many bytes were stored of it. */
  decided?: { id: string; storedBytes: number };
  /** What it has taken of its sender's quota. */
  taken: Taken;
}

/** Where a message goes, and as which agent it is sent. */
export interface Route {
  /** The id of the user or the group. */
  recipientId: string;
  recipient: string;
  senderAgent: string;
  /** Null when the sender has no connection. */
  senderConnectionId: string | null;
  /** The connections that take the message. */
  targets: { recipientId: string; connectionId: string }[];
  group?: { id: string; name: string };
}

export interface Accepted {
  message_id: string;
  /** The first of its deliveries; null when it was rejected. */
  delivery_id: string | null;
  rejection_reason: string | null;
  /** How many deliveries it owes; for an earlier message they still have to be counted. */
  recipients: number;
  /** An earlier request sent it under the same idempotency key. */
  isEarlier: boolean;
}

/** A message that is not written yet, with the deliveries that it owes. */
interface NewMessage {
  row: MessageRow;
  deliveries: readonly NewDelivery[];
  group: Route['group'];
}

/**
 * Accepts messages to users or to groups. This transaction stores each message, its deliveries and their events.
 * Decides about each one separately, and writes all with few statements.
 * @param findRoute gives where a message goes, or throws why it may not.
 * @returns the outcome of each request; MahiloError of `findRoute`, `repeatedOf` and the quota, and StaleJudgement among
 * them.
 */
export async function acceptMessages(
  { clock, newId, quota }: Pick<ApiDeps, 'clock' | 'newId'> & { quota: Pick<SendQuota, 'take'> },
  trx: Transaction<Schema>,
  requests: readonly SendRequest[],
  findRoute: (request: SendRequest) => Route | Promise<Route>,
): Promise<Outcome<Accepted>[]> {
  const keys = requests.flatMap(({ idempotency }) => idempotency ?? []);
  // Another process may be accepting what has the same key: then it is found when the lock is had.
  const locked = lockFor(
    trx,
    'keys',
    keys.map(({ keyHash }) => keyHash),
  );
  const [earlier] = await Promise.all([earlierMessages(trx, keys), locked]);
  const now = clock.now();
  const messages: NewMessage[] = [];
  const accept = async (request: SendRequest): Promise<Accepted> => {
    const repeated = repeatedOf(earlier, request.idempotency);
    if (repeated) return acceptedBefore(repeated);
    const { policyUsed } = request;
    if (policyUsed !== undefined && !(await isUsable(trx, policyUsed, now))) throw new StaleJudgement();
    const message = newMessage(newId, request, await findRoute(request), now);
    const { row, deliveries } = message;
    const bytes = (row.stored_bytes ?? 0) - (request.decided?.storedBytes ?? 0);
    quota.take(request.taken, row.sender_id, { bytes, deliveries: deliveries.length });
    // Last, since what was refused before used nothing.
    if (policyUsed !== undefined) await takeUse(trx, policyUsed, now);
    messages.push(message);
    const delivery_id = deliveries[0]?.id ?? null;
    const created = { message_id: row.id, delivery_id, rejection_reason: row.rejection_reason };
    const { idempotency } = request;
    if (idempotency) {
      earlier.set(idempotency.scoped, { ...created, request_hash: idempotency.requestHash });
    }
    return { ...created, recipients: deliveries.length, isEarlier: false };
  };
  const outcomes: Outcome<Accepted>[] = [];
  for (const request of requests) {
    try {
      outcomes.push({ ok: true, value: await accept(request) });
    } catch (error) {
      outcomes.push({ ok: false, error });
    }
  }
  await store(trx, messages, now);
  return outcomes;
}

function acceptedBefore({ message_id, delivery_id, rejection_reason }: Earlier): Accepted {
  return { message_id, delivery_id, rejection_reason, recipients: 0, isEarlier: true };
}

async function store(trx: Transaction<Schema>, messages: readonly NewMessage[], now: number): Promise<void> {
  await insertMessages(
    trx,
    messages.map(({ row }) => row),
  );
  await enqueue(
    trx,
    messages.flatMap(({ deliveries }) => deliveries),
    now,
  );
  await appendEvents(trx, messages.flatMap(receivedEvents), now);
}

function receivedEvents({ row, deliveries, group }: NewMessage) {
  return deliveries.map((delivery) =>
    messageReceived({
      recipient_id: delivery.recipientId,
      message_id: row.id,
      delivery_id: delivery.id,
      sender: row.sender_username,
      connection_id: delivery.connectionId,
      correlation_id: row.correlation_id,
      group_id: group?.id ?? null,
      group_name: group?.name ?? null,
    }),
  );
}

function newMessage(newId: ApiDeps['newId'], request: SendRequest, route: Route, now: number): NewMessage {
  const id = request.decided?.id ?? newId('msg');
  // The first delivery's id is the message's under another prefix, which costs nothing to create.
  const deliveryId = (n: number) => (n === 0 ? id.replace('msg', 'dlv') : newId('dlv'));
  const targets = request.violation === undefined ? route.targets : [];
  const urgency = route.group === undefined ? 'single' : 'bulk';
  return {
    row: messageRow(id, request, route, targets.length, now),
    deliveries: targets.map((target, n) => ({ ...target, id: deliveryId(n), messageId: id, urgency })),
    group: route.group,
  };
}

function messageRow(
  id: string,
  { sender, send, idempotency, violation }: SendRequest,
  route: Route,
  deliveries: number,
  now: number,
): MessageRow {
  const { encryption, sender_signature: signature } = send;
  return {
    id,
    sender_id: sender.id,
    sender_username: sender.username,
    sender_agent: route.senderAgent,
    sender_connection_id: route.senderConnectionId,
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
    key_hash: idempotency?.keyHash ?? null,
    request_hash: idempotency?.requestHash ?? null,
    created_at: now,
    delivered_at: null,
    erased_at: null,
    stored_bytes: storedBytesOf({ message: send.message, context: send.context }, deliveries),
  };
}
