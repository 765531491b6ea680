import type { Schema } from '@mahilo/shared/db/schema';
import { appendEvents } from '@mahilo/shared/events/append';
import { reviewClosed } from '@mahilo/shared/events/review';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { Taken } from '../bounds/send-quota.ts';
import { type DecisionRow, markSent } from '../decisions/decisions.ts';
import { type Accepted, acceptMessages, type SendRequest } from './accept.ts';
import type { AcceptorDeps } from './acceptors.ts';
import { sendOf } from './held-message.ts';
import { routeFor } from './hold.ts';
import { earlierMessages, type IdempotencyKey, requestHashOf, sendersKey } from './idempotency.ts';
import { routeOf } from './resume.ts';
import { ownConnectionsOf } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/**
 * Sends a message that was held, under the id that it has, in the transaction that closes its review.
 * @throws MahiloError as the acceptors do: then it is still held.
 */
export async function releaseHeld(
  deps: AcceptorDeps,
  trx: Transaction<Schema>,
  sender: Caller,
  held: DecisionRow,
  taken: Taken,
): Promise<Accepted> {
  const asked = sendOf(held);
  const now = deps.clock.now();
  const request: SendRequest = {
    sender,
    send: await withLivingAgent(trx, sender.id, asked),
    idempotency: await freeKey(trx, held, asked),
    violation: undefined,
    policyUsed: undefined,
    decided: { id: held.message_id, storedBytes: held.stored_bytes },
    taken,
  };
  const [outcome] = await acceptMessages(deps, trx, [request], () =>
    held.origin === 'agent' ? routeOf(trx, request, held) : routeFor(deps, trx, request),
  );
  if (outcome?.ok !== true) throw outcome?.error;
  await markSent(trx, held.message_id, now);
  await appendEvents(trx, [reviewClosed(held, 'approved')], now);
  return outcome.value;
}

/** The request in the name of its agent, or of the sender's best one when that is gone by now. */
async function withLivingAgent(trx: Transaction<Schema>, senderId: string, send: Send): Promise<Send> {
  const { sender_connection_id: named, ...rest } = send;
  const own = await ownConnectionsOf(trx, senderId);
  return named === undefined || own.some(({ id }) => id === named) ? send : rest;
}

/** The key of the request, so that repeating it finds the message; none when another message has it by now. */
async function freeKey(
  trx: Transaction<Schema>,
  { sender_id, origin, idempotency_key: key }: DecisionRow,
  send: Send,
): Promise<IdempotencyKey | undefined> {
  if (origin !== 'registry' || key === null) return undefined;
  const idempotency = sendersKey(sender_id, key);
  const earlier = await earlierMessages(trx, [idempotency]);
  return earlier.size > 0 ? undefined : { ...idempotency, requestHash: requestHashOf(send) };
}
