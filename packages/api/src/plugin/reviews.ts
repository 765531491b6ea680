import type { User } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { HELD_STATES, type HeldState } from '@mahilo/shared/decisions/held';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { DecisionRow } from '../decisions/decisions.ts';
import type { Send } from '../messages/schemas.ts';
import { CONTRACT_VERSION, ENCRYPTED } from './fields.ts';
import { PREVIEW, type Unsent } from './held.ts';
import { invalidQuery } from './queries.ts';

/** What existing clients call both states. */
const OPEN = 'open';

/** The states that a request names, with commas between; without any, all. @throws MahiloError INVALID_QUERY */
export function heldStates(given: string = OPEN): HeldState[] {
  const named = given.split(',').flatMap((word): readonly HeldState[] => {
    const name = word.trim();
    if (name === OPEN) return HELD_STATES;
    const known = HELD_STATES.find((state) => state === name);
    if (known !== undefined) return [known];
    throw invalidQuery(
      'status',
      `must be ${OPEN}, ${HELD_STATES.join(', ')}, or some of them with commas between`,
    );
  });
  return HELD_STATES.filter((state) => named.includes(state));
}

/** The answer with held messages. */
export function toReviews(user: User, statuses: HeldState[], direction: string, rows: readonly Unsent[]) {
  const reviews = rows.map((row) => toReview(user, row));
  return {
    contract_version: CONTRACT_VERSION,
    review_queue: { count: reviews.length, direction, statuses },
    reviews,
  };
}

/** A held message as lists show it. */
function toReview(user: User, row: Unsent) {
  const send: Partial<Send> = JSON.parse(row.send_json ?? '{}');
  const { correlation_id, in_response_to, payload_type } = send;
  const { winning_policy_id } = row;
  const audit = auditOf(row);
  return {
    review_id: `rev_${row.message_id}`,
    message_id: row.message_id,
    resolution_id: row.resolution_id,
    status: row.state,
    queue_direction: 'outbound' as const,
    decision: row.decision,
    delivery_mode: row.delivery_mode,
    summary: row.summary ?? 'The message waits for a person to decide.',
    reason_code: row.reason_code,
    created_at: isoTime(row.created_at),
    correlation_id: correlation_id ?? null,
    in_response_to: in_response_to ?? null,
    payload_type: payload_type ?? 'text/plain',
    message_preview: isCiphertext(send) ? ENCRYPTED : row.message_preview,
    context_preview: row.context_preview,
    selectors: { direction: row.direction, resource: row.resource, action: row.action },
    sender: {
      user_id: user.id,
      username: user.username,
      connection_id: row.sender_connection_id,
      agent: row.sender_agent,
    },
    recipient: { ...recipientOf(row), connection_id: null },
    applied_policy: { matched_policy_ids: audit.matched_policy_ids ?? [], winning_policy_id },
    audit,
  };
}

/** A held message with all that it says. */
export function toWholeReview(user: User, row: DecisionRow) {
  const { body, context } = row;
  const message = body ?? '';
  const listed: Unsent = {
    ...row,
    message_preview: beginningOf(message, PREVIEW.message),
    context_preview: context === null ? null : beginningOf(context, PREVIEW.context),
    body_bytes: Buffer.byteLength(message),
  };
  return { contract_version: CONTRACT_VERSION, ...toReview(user, listed), message, context };
}

/** So many characters (code points), as SQL counts them. */
function beginningOf(text: string, characters: number): string {
  return [...text.slice(0, 2 * characters)].slice(0, characters).join('');
}

/** Whom a message was for. */
export function recipientOf({ recipient_id, recipient_type, recipient }: Unsent) {
  return { id: recipient_id, type: recipient_type, username: recipient_type === 'user' ? recipient : null };
}

/** How it was decided, as the agent has told. */
export function auditOf({ audit_json }: Pick<Unsent, 'audit_json'>): {
  matched_policy_ids?: string[];
  reason?: string;
  [fact: string]: unknown;
} {
  return JSON.parse(audit_json ?? '{}');
}
