import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import { reviewClosed, reviewId } from '@mahilo/shared/events/review';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { chargedOnce } from '../bounds/charge-for-group.ts';
import { nothingTaken } from '../bounds/send-quota.ts';
import { type DecisionRow, findDecisionOn, rejectDecision } from '../decisions/decisions.ts';
import { isHeld, isReview } from '../decisions/review.ts';
import type { AcceptorDeps } from '../messages/acceptors.ts';
import { sendOf } from '../messages/held-message.ts';
import { releaseHeld } from '../messages/release.ts';
import { reasonOf } from '../policies/judge.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { CONTRACT_VERSION } from './fields.ts';

const PREFIX = reviewId('');

export type ReviewDecision = 'approve' | 'reject';

/** What became of a review. */
export interface DecidedReview {
  contract_version: typeof CONTRACT_VERSION;
  review_id: string;
  message_id: string;
  decision: ReviewDecision;
  status: 'approved' | 'rejected';
  delivery_id?: string;
  deduplicated?: true;
}

export type DecideReview = (caller: Caller, id: string, decision: ReviewDecision) => Promise<DecidedReview>;

/**
 * Decides about a message of the caller's that is held: sends it under its id, or closes its review. Deciding the same
 * again changes nothing. What cannot be sent now stays held.
 * @throws MahiloError NOT_FOUND, REVIEW_CLOSED, REVIEW_DENIED, and as a send does
 */
export function reviewDecider(deps: AcceptorDeps, enforcer: PolicyEnforcer): DecideReview {
  return async (caller, id, decision) => {
    const decided = await decide(deps, enforcer, caller, id, decision);
    if (decided.status === 'approved' && !decided.deduplicated) deps.telemetry.messageAccepted();
    return decided;
  };
}

async function decide(
  given: AcceptorDeps,
  enforcer: PolicyEnforcer,
  caller: Caller,
  id: string,
  decision: ReviewDecision,
): Promise<DecidedReview> {
  const deps = { ...given, chargeGroup: chargedOnce(given.chargeGroup) };
  const taken = nothingTaken();
  const { db, clock } = deps;
  const messageId = messageIdOf(id);
  const seen = await ownReview(db.kysely, caller, messageId);
  if (decision === 'approve' && isHeld(seen, clock.now())) await assertNotDenied(enforcer, caller, seen);
  await deps.quota.refresh(caller.id);
  return db.write(caller, async (trx) => {
    const now = clock.now();
    const review = await ownReview(trx, caller, messageId);
    const answer = {
      contract_version: CONTRACT_VERSION,
      review_id: reviewId(messageId),
      message_id: messageId,
      decision,
      status: decision === 'approve' ? 'approved' : 'rejected',
    } as const;
    if (!isHeld(review, now)) {
      assertSame(review, decision);
      return { ...answer, deduplicated: true };
    }
    if (decision === 'reject') {
      await rejectDecision(trx, messageId, now);
      await appendEvents(trx, [reviewClosed(review, 'rejected')], now);
      return answer;
    }
    const { delivery_id } = await releaseHeld(deps, trx, caller, review, taken);
    return delivery_id === null || review.recipient_type === 'group' ? answer : { ...answer, delivery_id };
  });
}

/** A review of the caller's, whatever became of it. @throws MahiloError NOT_FOUND */
export async function ownReview(db: Kysely<Schema>, caller: Caller, messageId: string): Promise<DecisionRow> {
  const review = await findDecisionOn(db, messageId);
  if (review?.sender_id === caller.id && isReview(review)) return review;
  throw noReview();
}

export function noReview(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no review with this id.');
}

/** The message that a review is about, which may be named by either id. */
export function messageIdOf(id: string): string {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
}

/** Who approves has answered what policies ask; but what they deny stays denied. */
async function assertNotDenied(enforcer: PolicyEnforcer, caller: Caller, review: DecisionRow): Promise<void> {
  const { direction, resource, action } = review;
  const selectors = { direction, resource, action };
  const judgement = await enforcer.judge(caller, { ...sendOf(review), selectors, decision: review });
  if (judgement?.effect !== 'deny') return;
  throw new MahiloError('REVIEW_DENIED', `By now a policy forbids it: ${reasonOf(judgement)}`);
}

/** @throws MahiloError REVIEW_CLOSED when something else was decided */
function assertSame({ state }: DecisionRow, decision: ReviewDecision): void {
  if (state === (decision === 'approve' ? 'sent' : 'rejected')) return;
  const how = state === 'sent' ? 'approved' : state === 'rejected' ? 'rejected' : 'not decided in time';
  throw new MahiloError('REVIEW_CLOSED', `The review was ${how}.`);
}
