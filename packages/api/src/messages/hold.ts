import { storedBytesOf } from '@mahilo/shared/bounds/stored-bytes';
import type { Schema } from '@mahilo/shared/db/schema';
import { deleteDecision } from '@mahilo/shared/decisions/delete';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import { reviewRequired } from '@mahilo/shared/events/review';
import type { Kysely, Transaction } from 'kysely';
import { chargedOnce } from '../bounds/charge-for-group.ts';
import { assertRoom } from '../bounds/quota.ts';
import {
  type DecisionRow,
  findDecision,
  findDecisionByKey,
  holdDecision,
  insertDecision,
} from '../decisions/decisions.ts';
import { requestHash } from '../decisions/request-hash.ts';
import { resolutionId } from '../decisions/resolution-id.ts';
import { heldUntil, isReview } from '../decisions/review.ts';
import { type Judgement, StaleJudgement, summaryOf } from '../policies/judge.ts';
import { isUsable, takeUse } from '../policies/policies.ts';
import { sendSelectors } from '../policies/selectors.ts';
import type { Route, SendRequest } from './accept.ts';
import type { AcceptorDeps } from './acceptors.ts';
import { answeredAgent } from './answered-agent.ts';
import { type HeldMessage, sendJson, sendOf, toHeld } from './held-message.ts';
import { requestHashOf } from './idempotency.ts';
import { decisionFor, otherRequest, routeOf, withReferences } from './resume.ts';
import { routeMessage } from './route-message.ts';
import { routeToGroup } from './route-to-group.ts';
import { findRoutingFacts } from './routing-cache.ts';

/** Holds a message until its sender decides about it. */
export type Hold = (request: SendRequest, judgement: Judgement) => Promise<HeldMessage>;

/**
 * Holds messages that policies of their senders ask about. Nothing of them is a message yet: the recipient sees nothing,
 * and what could not be sent now is refused as a send would be.
 * @throws MahiloError as the acceptors do, and StaleJudgement
 */
export function holder(given: AcceptorDeps): Hold {
  return (request, judgement) => {
    const deps = { ...given, chargeGroup: chargedOnce(given.chargeGroup) };
    return deps.db.write(request.sender, async (trx) => {
      const { policyUsed } = request;
      const now = deps.clock.now();
      const repeated = await heldBefore(trx, request);
      if (repeated !== undefined) return toHeld(trx, repeated, now, true);
      if (policyUsed !== undefined && !(await isUsable(trx, policyUsed, now))) throw new StaleJudgement();
      const held = await hold(deps, trx, request, judgement, now);
      if (policyUsed !== undefined) await takeUse(trx, policyUsed, now);
      await appendEvents(trx, [reviewRequired(held)], now);
      return toHeld(trx, held, now, false);
    });
  };
}

/**
 * What was held of the same request before: it has the same resolution id or idempotency key.
 * @throws MahiloError LOCAL_DECISION_CONFLICT, IDEMPOTENCY_CONFLICT when that was another request.
 */
export async function heldBefore(
  db: Kysely<Schema>,
  { sender, send, idempotency }: Pick<SendRequest, 'sender' | 'send' | 'idempotency'>,
): Promise<DecisionRow | undefined> {
  const named =
    send.resolution_id === undefined ? undefined : await findDecision(db, sender.id, send.resolution_id);
  if (named !== undefined && isReview(named) && named.state !== 'sent') {
    if (named.request_hash.equals(requestHash(send, sendSelectors(send)))) return named;
    throw otherRequest();
  }
  const repeated = idempotency && (await findDecisionByKey(db, sender.id, 'registry', idempotency.key));
  if (repeated === undefined || repeated.state === 'sent') return undefined;
  if (requestHashOf(sendOf(repeated)).equals(requestHashOf(send))) return repeated;
  throw new MahiloError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used for another request.');
}

async function hold(
  deps: AcceptorDeps,
  trx: Transaction<Schema>,
  request: SendRequest,
  judgement: Judgement,
  now: number,
): Promise<DecisionRow> {
  const { sender, send } = request;
  const committed =
    send.resolution_id === undefined ? undefined : await decisionFor(deps, trx, sender.id, send);
  return committed === undefined
    ? holdNew(deps, trx, request, judgement, now)
    : holdCommitted(deps, trx, request, committed, judgement, now);
}

async function holdNew(
  deps: AcceptorDeps,
  trx: Transaction<Schema>,
  request: SendRequest,
  judgement: Judgement,
  now: number,
): Promise<DecisionRow> {
  const { sender, send, idempotency } = request;
  const route = await routeFor(deps, trx, request);
  const selectors = sendSelectors(send);
  const send_json = sendJson(send);
  const bytes = storedBytesOf({ message: send.message, context: send.context }, 0);
  const row: DecisionRow = {
    message_id: deps.newId('msg'),
    sender_id: sender.id,
    sender_connection_id: route.senderConnectionId,
    sender_agent: route.senderAgent,
    recipient_type: send.recipient_type ?? 'user',
    recipient_id: route.recipientId,
    recipient: route.recipient,
    group_id: null,
    origin: 'registry',
    resolution_id: send.resolution_id ?? resolutionId('res', deps.random),
    idempotency_key: idempotency?.key ?? null,
    request_hash: requestHash(send, selectors),
    ...selectors,
    body: send.message,
    context: send.context ?? null,
    send_json,
    audit_json: null,
    stored_bytes: bytes + Buffer.byteLength(send_json),
    created_at: now,
    settled_at: null,
    ...termsOf(deps, judgement, now),
  };
  await deleteOver(trx, request);
  await assertRoom(deps, trx, 'decisions_per_user', sender.id);
  deps.quota.take(request.taken, sender.id, { bytes: row.stored_bytes, deliveries: 0 });
  await insertDecision(trx, row);
  return row;
}

/** Deletes what has the same names and is over: a decision that lapsed, or one whose message is deleted by now. */
async function deleteOver(
  trx: Transaction<Schema>,
  { sender, send, idempotency }: SendRequest,
): Promise<void> {
  const { resolution_id } = send;
  const named = resolution_id === undefined ? undefined : await findDecision(trx, sender.id, resolution_id);
  if (named !== undefined) await deleteDecision(trx, named.message_id);
  const keyed = idempotency && (await findDecisionByKey(trx, sender.id, 'registry', idempotency.key));
  if (keyed !== undefined) await deleteDecision(trx, keyed.message_id);
}

/** What its sender's agent has allowed, and the registry asks about. */
async function holdCommitted(
  deps: AcceptorDeps,
  trx: Transaction<Schema>,
  request: SendRequest,
  committed: DecisionRow,
  judgement: Judgement,
  now: number,
): Promise<DecisionRow> {
  // Another request has sent it meanwhile.
  if (committed.state === 'sent') throw new StaleJudgement();
  await routeOf(trx, request, committed);
  const send_json = sendJson(withReferences(request.send, committed));
  const bytes = Buffer.byteLength(send_json);
  deps.quota.take(request.taken, committed.sender_id, { bytes, deliveries: 0 });
  const terms = {
    ...termsOf(deps, judgement, now),
    send_json,
    // What its agent decided by stays counted as used when it is judged again.
    winning_policy_id: committed.winning_policy_id ?? judgement.policy?.id ?? null,
    stored_bytes: committed.stored_bytes + bytes,
  };
  await holdDecision(trx, committed.message_id, terms);
  return { ...committed, ...terms };
}

function termsOf({ settings }: AcceptorDeps, judgement: Judgement, now: number) {
  return {
    decision: 'ask',
    delivery_mode: 'review_required',
    state: 'review_required',
    winning_policy_id: judgement.policy?.id ?? null,
    reason_code: judgement.reasonCode,
    summary: summaryOf(judgement),
    expires_at: heldUntil(settings, now),
  } as const;
}

/** Where a message would go. @throws MahiloError why it may not. */
export async function routeFor(
  deps: AcceptorDeps,
  trx: Transaction<Schema>,
  { sender, send }: Pick<SendRequest, 'sender' | 'send'>,
): Promise<Route> {
  if (send.recipient_type === 'group') {
    return routeToGroup(trx, sender.id, send, (members) => deps.chargeGroup(sender.id, members));
  }
  const facts = await findRoutingFacts(trx, sender.id, send.recipient);
  return routeMessage(facts, send, await answeredAgent(trx, send.in_response_to, sender.id));
}
