import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely, Transaction } from 'kysely';
import { type DecisionRow, findDecision, hasLapsed, markSent } from '../decisions/decisions.ts';
import { requestHash } from '../decisions/request-hash.ts';
import type { ApiDeps } from '../deps.ts';
import { areCoMembers } from '../groups/co-members.ts';
import { sendSelectors } from '../policies/selectors.ts';
import { type Accepted, acceptMessages, type Route, type SendRequest } from './accept.ts';
import type { Accept, AcceptorDeps } from './acceptors.ts';
import { answeredAgent } from './answered-agent.ts';
import { countDeliveriesOf, type Earlier } from './idempotency.ts';
import { routeMessage } from './route-message.ts';
import { findRoutingFacts } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/**
 * Accepts messages that their senders' agents have decided to allow (`plugin/local-decisions/commit`), each under the
 * id that the decision gave out, and once: another request for it gets the answer of the first.
 * @throws MahiloError as the acceptor of other messages does, and LOCAL_DECISION_REQUIRED, LOCAL_DECISION_CONFLICT,
 *   LOCAL_DECISION_STALE.
 */
export function resumeAcceptor(deps: AcceptorDeps): Accept {
  const resume = async (trx: Transaction<Schema>, request: SendRequest): Promise<Accepted> => {
    const { sender, send } = request;
    const decision = await decisionFor(deps, trx, sender.id, send);
    if (decision === undefined) throw decisionRequired();
    if (decision.state === 'sent') return sentBefore(trx, decision);
    const decided = { id: decision.message_id, storedBytes: decision.stored_bytes };
    const planned = { ...request, send: withReferences(send, decision), decided };
    const [outcome] = await acceptMessages(deps, trx, [planned], () => routeOf(trx, planned, decision));
    if (outcome?.ok !== true) throw outcome?.error;
    if (!outcome.value.isEarlier) await markSent(trx, decision.message_id, deps.clock.now());
    return outcome.value;
  };
  return (request) => deps.db.write(request.sender, (trx) => resume(trx, request));
}

/**
 * The decision that a send names; undefined when it names none that still stands.
 * @throws MahiloError LOCAL_DECISION_REQUIRED when it was not to allow, LOCAL_DECISION_CONFLICT when it was about
 *   something else.
 */
export async function decisionFor(
  { clock }: Pick<ApiDeps, 'clock'>,
  db: Kysely<Schema>,
  senderId: string,
  send: Send,
): Promise<DecisionRow | undefined> {
  const decision = await findDecision(db, senderId, send.resolution_id ?? '');
  if (decision === undefined || hasLapsed(decision, clock.now())) return undefined;
  if (decision.state !== 'allowed' && decision.state !== 'sent') throw decisionRequired(decision.state);
  const isSame =
    decision.recipient_type === (send.recipient_type ?? 'user') &&
    decision.request_hash.equals(requestHash(send, sendSelectors(send)));
  if (!isSame) throw otherRequest();
  return decision;
}

/** A 409 for a send that needs a decision to allow it. */
export function decisionRequired(state?: string): MahiloError {
  const why = state === undefined ? 'names no decision to allow this message' : `names one that is ${state}`;
  return new MahiloError(
    'LOCAL_DECISION_REQUIRED',
    `resolution_id ${why}; commit one with POST /plugin/local-decisions/commit.`,
  );
}

/** A 409 for a send that differs from what was decided about. */
export function otherRequest(): MahiloError {
  return new MahiloError(
    'LOCAL_DECISION_CONFLICT',
    'The decision under this resolution_id is about another message: sender_connection_id, recipient, selectors, message, payload_type and context must be the same.',
  );
}

/** What the decision was told and the send does not repeat. */
export function withReferences(send: Send, { send_json }: DecisionRow): Send {
  const { correlation_id, in_response_to }: Partial<Send> = JSON.parse(send_json ?? '{}');
  return {
    ...send,
    ...(send.correlation_id === undefined && correlation_id !== undefined && { correlation_id }),
    ...(send.in_response_to === undefined && in_response_to !== undefined && { in_response_to }),
  };
}

/** Where a message goes that its sender's agent has decided about. */
export async function routeOf(
  trx: Transaction<Schema>,
  { sender, send }: SendRequest,
  decision: DecisionRow,
): Promise<Route> {
  const { group_id: groupId, recipient_id: recipientId } = decision;
  const facts = await findRoutingFacts(trx, sender.id, send.recipient);
  const answered = await answeredAgent(trx, send.in_response_to, sender.id);
  if (groupId === null || facts?.areFriends) return routeMessage(facts, send, answered);
  if (!(await areCoMembers(trx, groupId, sender.id, recipientId))) {
    throw new MahiloError('LOCAL_DECISION_STALE', 'You and the recipient are no longer both in the group.');
  }
  return routeMessage(facts && { ...facts, areFriends: true }, send, answered);
}

async function sentBefore(trx: Transaction<Schema>, { message_id }: DecisionRow): Promise<Accepted> {
  const [earlier] = await messageById(trx, message_id);
  if (earlier === undefined) throw decisionRequired('older than what is kept');
  return { ...earlier, recipients: await countDeliveriesOf(trx, message_id), isEarlier: true };
}

/** Uses the primary key and outbox_by_message. */
const messageById = statement<[id: string], Omit<Earlier, 'request_hash'>>(`
  select id as message_id, rejection_reason,
    (select id from outbox where message_id = messages.id limit 1) as delivery_id
  from messages where id = ?`);
