import type { NewEvent } from './append.ts';

/** A message that is held, or was. */
interface Review {
  sender_id: string;
  message_id: string;
  recipient: string;
  sender_connection_id: string | null;
  send_json: string | null;
}

/** What became of a message that was held. */
export type ReviewEnd = 'approved' | 'rejected' | 'expired';

/** The id under which a held message is decided about. */
export function reviewId(messageId: string): string {
  return `rev_${messageId}`;
}

/** The event of a message that is held from now on. */
export function reviewRequired(review: Review): NewEvent {
  return { userId: review.sender_id, type: 'review_required', data: dataOf(review) };
}

/** The event of a message that is no longer held. */
export function reviewClosed(review: Review, status: ReviewEnd): NewEvent {
  return { userId: review.sender_id, type: 'review_closed', data: { ...dataOf(review), status } };
}

function dataOf(review: Review) {
  const { correlation_id } = JSON.parse(review.send_json ?? '{}');
  return {
    review_id: reviewId(review.message_id),
    message_id: review.message_id,
    recipient: review.recipient,
    correlation_id,
    sender_connection_id: review.sender_connection_id ?? undefined,
  };
}
