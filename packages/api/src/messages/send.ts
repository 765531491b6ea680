import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { nothingTaken } from '../bounds/send-quota.ts';
import type { DecisionRow } from '../decisions/decisions.ts';
import type { Outgoing } from '../policies/in-force.ts';
import { type Judgement, reasonOf, StaleJudgement } from '../policies/judge.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { type Selectors, sendSelectors } from '../policies/selectors.ts';
import type { ApiTelemetry } from '../telemetry.ts';
import type { Accepted, SendRequest } from './accept.ts';
import { type AcceptorDeps, groupAcceptor, userAcceptor } from './acceptors.ts';
import { checkEncryption } from './encryption.ts';
import { type HeldMessage, toHeld } from './held-message.ts';
import { heldBefore, holder } from './hold.ts';
import { earlierMessages, idempotencyKeyOf } from './idempotency.ts';
import { decisionFor, decisionRequired, resumeAcceptor } from './resume.ts';
import type { Send } from './schemas.ts';

interface SentToUser {
  message_id: string;
  status: 'pending';
  delivery_id: string;
  deduplicated?: true;
}

export interface SentToGroup {
  message_id: string;
  status: 'pending';
  recipients: number;
  delivered: number;
  pending: number;
  failed: number;
  deduplicated?: true;
}

export type SentMessage = SentToUser | SentToGroup;

/** The answer to a message that a policy forbids. The message is stored for its sender to see. */
export interface RejectedMessage {
  message_id: string;
  status: 'rejected';
  rejection_reason: string;
  deduplicated?: true;
}

/** How a send ended. */
export type Sending = SentMessage | RejectedMessage | HeldMessage;

export type SendMessage = (
  sender: Caller,
  send: Send,
  idempotencyHeader: string | undefined,
) => Promise<Sending>;

/** Each time one more policy has been used up by others at that moment. */
const MAX_JUDGEMENTS = 20;

/** A request of which it is not said yet whether policies allow it. */
type Unjudged = Omit<SendRequest, 'violation' | 'policyUsed'>;

/** Sends a message whose request is valid by itself. */
type SendChecked = (unjudged: Unjudged, selectors: Selectors) => Promise<Sending>;

/** Accepts a message, under the decision that allows it where there is one. */
type AcceptUnder = (
  request: SendRequest,
  decision: DecisionRow | undefined,
) => Promise<SentMessage | RejectedMessage>;

/** Sends messages: checks each request, then accepts it, or holds it. */
export function messageSender(deps: AcceptorDeps, enforcer: PolicyEnforcer): SendMessage {
  const accept = acceptor(deps);
  const { TRUSTED_MODE } = deps.settings;
  const sendChecked = TRUSTED_MODE ? judgedSender(deps, enforcer, accept) : unjudgedSender(deps, accept);
  return async (sender, send, idempotencyHeader) => {
    assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
    checkEncryption(send);
    const selectors = sendSelectors(send);
    const idempotency = idempotencyKeyOf(sender.id, idempotencyHeader, send);
    const sent = await sendChecked({ sender, send, idempotency, taken: nothingTaken() }, selectors);
    report(deps.telemetry, sent);
    return sent;
  };
}

function acceptor(deps: AcceptorDeps): AcceptUnder {
  const acceptors = { user: userAcceptor(deps), group: groupAcceptor(deps), resume: resumeAcceptor(deps) };
  return async (request, decision) => {
    const to = request.send.recipient_type ?? 'user';
    const accept = decision === undefined ? acceptors[to] : acceptors.resume;
    return answerTo(to, await accept(request));
  };
}

/** Where agents decide for themselves, and the registry does not look into their messages. */
function unjudgedSender(deps: AcceptorDeps, accept: AcceptUnder): SendChecked {
  return async (unjudged) => {
    await deps.quota.refresh(unjudged.sender.id);
    const decision = await decisionToResume(deps, unjudged);
    return accept({ ...unjudged, violation: undefined, policyUsed: undefined }, decision);
  };
}

/** Where the registry decides by the sender's policies. */
function judgedSender(deps: AcceptorDeps, enforcer: PolicyEnforcer, accept: AcceptUnder): SendChecked {
  const hold = holder(deps);
  const { kysely } = deps.db;
  return async (unjudged, selectors) => {
    const { sender, send } = unjudged;
    const held = await heldBefore(kysely, unjudged);
    if (held !== undefined) return toHeld(kysely, held, deps.clock.now(), true);
    const outgoing = async () => ({ ...send, selectors, decision: await decisionToResume(deps, unjudged) });
    await deps.quota.refresh(sender.id);
    return judged<Sending, Outgoing & { decision: DecisionRow | undefined }>(
      enforcer,
      sender,
      outgoing,
      async ({ decision }, judgement, policyUsed) => {
        if (judgement?.effect === 'ask' && !(await wasSent(kysely, unjudged, decision))) {
          return hold({ ...unjudged, violation: undefined, policyUsed }, judgement);
        }
        return accept({ ...unjudged, violation: violationOf(judgement), policyUsed }, decision);
      },
    );
  };
}

/** Whether a request repeats one whose message was sent: then it gets that answer, whatever the policies say by now. */
async function wasSent(
  db: Kysely<Schema>,
  { idempotency }: Pick<SendRequest, 'idempotency'>,
  decision: DecisionRow | undefined,
): Promise<boolean> {
  if (decision?.state === 'sent') return true;
  return idempotency !== undefined && (await earlierMessages(db, [idempotency])).size > 0;
}

/**
 * Judges a message and acts on it, in turn until nothing has changed at that moment: the policy that decided still could,
 * and no other request has sent the message.
 * @throws MahiloError UNAVAILABLE when others always were faster.
 */
async function judged<Answer, Asked extends Outgoing>(
  enforcer: PolicyEnforcer,
  sender: Caller,
  outgoingNow: () => Promise<Asked>,
  act: (outgoing: Asked, judgement: Judgement | undefined, policyUsed: string | undefined) => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 0; tries < MAX_JUDGEMENTS; tries += 1) {
    const outgoing = await outgoingNow();
    const judgement = await enforcer.judge(sender, outgoing);
    const { policy } = judgement ?? {};
    const isUsedUp = policy && policy.max_uses !== null && policy.id !== outgoing.decision?.winning_policy_id;
    try {
      return await act(outgoing, judgement, isUsedUp ? policy.id : undefined);
    } catch (error) {
      if (!(error instanceof StaleJudgement)) throw error;
    }
  }
  throw new MahiloError('UNAVAILABLE', 'The policies for this message change too fast.', {
    retryAfterSeconds: 1,
  });
}

/**
 * The decision that allows a message, or by which it was sent, if its sender names one. In trusted mode the registry
 * judges for itself what nobody has decided. Agents decide about no message to a whole group: only the registry holds one.
 */
async function decisionToResume(
  deps: AcceptorDeps,
  { sender, send }: Pick<SendRequest, 'sender' | 'send'>,
): Promise<DecisionRow | undefined> {
  const { TRUSTED_MODE } = deps.settings;
  const isDecided = send.recipient_type !== 'group' || TRUSTED_MODE;
  if (send.resolution_id === undefined || !isDecided) return undefined;
  const decision = await decisionFor(deps, deps.db.kysely, sender.id, send);
  if (decision === undefined && !TRUSTED_MODE) throw decisionRequired();
  return decision;
}

function report(
  telemetry: ApiTelemetry,
  { status, deduplicated }: { status: string; deduplicated?: true },
): void {
  if (deduplicated) telemetry.messageRepeated();
  else if (status === 'rejected') telemetry.messageRejected();
  else if (status === 'review_required') telemetry.messageHeld();
  else telemetry.messageAccepted();
}

/** Why a message is forbidden; undefined when it is not. */
function violationOf(judgement: Judgement | undefined): string | undefined {
  return judgement === undefined || judgement.effect === 'allow' ? undefined : reasonOf(judgement);
}

function answerTo(to: 'user' | 'group', accepted: Accepted): SentMessage | RejectedMessage {
  const answer = to === 'group' ? answerToGroup(accepted) : answerToUser(accepted);
  return accepted.isEarlier ? { ...answer, deduplicated: true } : answer;
}

function answerToUser({ message_id, delivery_id, rejection_reason }: Accepted): SentToUser | RejectedMessage {
  return delivery_id === null
    ? { message_id, status: 'rejected', rejection_reason: rejection_reason ?? '' }
    : { message_id, status: 'pending', delivery_id };
}

/** Nothing has been delivered yet. */
function answerToGroup({
  message_id,
  recipients,
  rejection_reason,
}: Accepted): SentToGroup | RejectedMessage {
  return rejection_reason === null
    ? { message_id, status: 'pending', recipients, delivered: 0, pending: recipients, failed: 0 }
    : { message_id, status: 'rejected', rejection_reason };
}

/** @throws MahiloError PAYLOAD_TOO_LARGE */
export function assertSize(text: string, maxBytes: number): void {
  if (Buffer.byteLength(text) <= maxBytes) return;
  const message = `must have at most ${maxBytes} bytes`;
  throw new MahiloError('PAYLOAD_TOO_LARGE', `message ${message}.`, {
    details: [{ path: 'message', message }],
  });
}
