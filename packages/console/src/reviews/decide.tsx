import { api, type Review } from '../api.ts';
import { Action } from '../parts/action.tsx';

/** Sends a message that is held, or does not. */
export function Decide({ review, to }: { review: Pick<Review, 'review_id'>; to: string }) {
  const decide = (decision: 'approve' | 'reject') => () =>
    api('POST', `/plugin/reviews/${review.review_id}/decision`, { body: { decision } });
  return (
    <>
      <Action
        kind="main"
        label={`Send the message to ${to}`}
        act={decide('approve')}
        done={() => `Sent to ${to}.`}
        changes={['reviews', 'refused']}
      >
        Send
      </Action>
      <Action
        label={`Do not send the message to ${to}`}
        act={decide('reject')}
        done={() => 'It is not sent.'}
        changes={['reviews', 'refused']}
      >
        Do not send
      </Action>
    </>
  );
}
