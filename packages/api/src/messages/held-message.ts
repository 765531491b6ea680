import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { mayUse } from '../access/scopes.ts';
import { type DecisionRow, findDecisionOn } from '../decisions/decisions.ts';
import { isHeld, isReview } from '../decisions/review.ts';
import type { Send } from './schemas.ts';

/** The answer to a message that is held until its sender decides about it, or was. */
export interface HeldMessage {
  message_id: string;
  status: 'review_required' | 'rejected';
  rejection_reason?: string;
  resolution: {
    resolution_id: string;
    decision: DecisionRow['decision'];
    delivery_mode: DecisionRow['delivery_mode'];
    summary: string;
    reason_code: string;
  };
  recipient_results: {
    recipient: string;
    decision: DecisionRow['decision'];
    delivery_mode: DecisionRow['delivery_mode'];
    delivery_status: 'review_required' | 'rejected';
  }[];
  deduplicated?: true;
}

const OVER: Partial<Readonly<Record<DecisionRow['state'], string>>> = {
  rejected: 'Its sender has rejected it.',
};

/** A message of the caller's that is held, or was and is not sent; undefined: there is none with this id. */
export async function findHeld(
  db: Kysely<Schema>,
  caller: Caller,
  id: string,
): Promise<DecisionRow | undefined> {
  const decision = await findDecisionOn(db, id);
  const isOwn = decision?.sender_id === caller.id && mayUse(caller, decision.sender_connection_id);
  return isOwn && isReview(decision) && decision.state !== 'sent' ? decision : undefined;
}

/** The answer for a held message, with a result for each recipient. */
export async function toHeld(
  db: Kysely<Schema>,
  row: DecisionRow,
  now: number,
  isEarlier: boolean,
): Promise<HeldMessage> {
  const { decision, delivery_mode, resolution_id, reason_code } = row;
  const status = isHeld(row, now) ? 'review_required' : 'rejected';
  const recipients =
    row.recipient_type === 'user' ? [row.recipient] : await otherMembers(db, row.recipient_id, row.sender_id);
  return {
    message_id: row.message_id,
    status,
    ...(status === 'rejected' && {
      rejection_reason: OVER[row.state] ?? 'Nobody has decided about it in time.',
    }),
    resolution: { resolution_id, decision, delivery_mode, summary: row.summary ?? '', reason_code },
    recipient_results: recipients.map((recipient) => ({
      recipient,
      decision,
      delivery_mode,
      delivery_status: status,
    })),
    ...(isEarlier && { deduplicated: true as const }),
  };
}

/** The request to send a message that is held. */
export function sendOf(row: DecisionRow): Send {
  return {
    recipient: row.recipient,
    recipient_type: row.recipient_type,
    ...(row.origin === 'agent' && {
      direction: row.direction,
      resource: row.resource,
      action: row.action,
      ...(row.sender_connection_id !== null && { sender_connection_id: row.sender_connection_id }),
    }),
    ...JSON.parse(row.send_json ?? '{}'),
    message: row.body ?? '',
    ...(row.context !== null && { context: row.context }),
  };
}

/** What of a request is stored beside its texts. */
export function sendJson({ message: _, context: _2, idempotency_key: _3, ...rest }: Send): string {
  return JSON.stringify(rest);
}

async function otherMembers(db: Kysely<Schema>, groupId: string, userId: string): Promise<string[]> {
  return (await members(db, groupId, userId)).map(({ username }) => username);
}

/** Uses group_members_active. */
const members = statement<[groupId: string, userId: string], { username: string }>(`
  select username from group_members join users on users.id = user_id
  where group_id = ? and status = 'active' and user_id <> ? and disabled_at is null`);
