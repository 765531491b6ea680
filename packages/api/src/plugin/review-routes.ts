import { requireUser, userOf } from '../auth/authenticate.ts';
import { isHeld } from '../decisions/review.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { ROUTING_ERRORS } from '../messages/schemas.ts';
import { type DecideReview, messageIdOf, noReview, ownReview } from './decide-review.ts';
import { WholeReview } from './list-schemas.ts';
import { DecidedReviewAnswer, ReviewDecisionBody, ReviewParams } from './review-schemas.ts';
import { toWholeReview } from './reviews.ts';

/** Where a person decides about messages that are held. */
export function registerReviewDecisions(
  app: App,
  { db, clock }: Pick<ApiDeps, 'db' | 'clock'>,
  decideReview: DecideReview,
): void {
  app.get(
    '/plugin/reviews/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Plugin'],
        operationId: 'getReview',
        summary: 'A message of mine that waits for me to decide, whole',
        params: ReviewParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: WholeReview }),
      },
    },
    async (request) => {
      const user = userOf(request);
      const review = await ownReview(db.kysely, user, messageIdOf(request.params.id));
      if (!isHeld(review, clock.now())) throw noReview();
      return toWholeReview(user, review);
    },
  );

  app.post(
    '/plugin/reviews/:id/decision',
    {
      ...requireUser,
      schema: {
        tags: ['Plugin'],
        operationId: 'decideReview',
        summary: 'Send a message of mine that is held, or do not',
        description:
          'An approved message is sent under the id that it had while it was held. Deciding the same again changes nothing.',
        params: ReviewParams,
        body: ReviewDecisionBody,
        errors: [
          'NOT_FOUND',
          'REVIEW_CLOSED',
          'REVIEW_DENIED',
          ...ROUTING_ERRORS,
          'LOCAL_DECISION_STALE',
          'QUOTA_EXCEEDED',
        ],
        response: answers({ 200: DecidedReviewAnswer }),
      },
    },
    async (request) => {
      const { decision } = request.body;
      const decided = await decideReview(userOf(request), request.params.id, decision);
      const { message_id, delivery_id } = decided;
      request.createdIds = { message_id, ...(delivery_id !== undefined && { delivery_id }) };
      return decided;
    },
  );
}
