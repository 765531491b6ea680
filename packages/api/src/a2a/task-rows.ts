import type { OutboxState, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { mayUse } from '../access/scopes.ts';
import type { DecisionRow } from '../decisions/decisions.ts';
import { isHeld } from '../decisions/review.ts';
import { findHeld, sendOf } from '../messages/held-message.ts';
import type { CalledAgent } from './agent.ts';

/** What decides how far a task is. */
export interface Progress {
  /** Of its delivery; null: it owes none. */
  state: OutboxState | null;
  /** Why a policy forbids it; null: none does. */
  rejection_reason: string | null;
  isAnswered: boolean;
  /** What the sender has not decided about yet, or has not allowed; absent: nothing. */
  review?: { state: 'open' | 'rejected' | 'expired'; summary: string };
}

/** A message to an agent, which is a task in A2A. */
export interface TaskRow extends Progress {
  id: string;
  body: string;
  payload_type: string;
  correlation_id: string | null;
  created_at: number;
  last_error: string | null;
  settled_at: number | null;
  answer: Answer | undefined;
}

/** What the agent answered first. */
export interface Answer {
  id: string;
  body: string;
  payload_type: string;
  created_at: number;
  erased_at: number | null;
}

type Stored = Omit<TaskRow, 'answer' | 'isAnswered' | 'review'> & { sender_connection_id: string | null };

/** A message of the caller's to this agent; undefined: there is none with this id, or it is not for this key to see. */
export async function findTask(
  db: Kysely<Schema>,
  caller: Caller,
  { id: connectionId, friend }: CalledAgent,
  id: string,
  now: number,
): Promise<TaskRow | undefined> {
  const [stored] = await messageTo(db, id, caller.id, friend.id, connectionId);
  if (stored !== undefined) {
    if (!mayUse(caller, stored.sender_connection_id)) return undefined;
    const [answer] = await firstAnswer(db, id, caller.id, friend.id);
    return { ...stored, answer, isAnswered: answer !== undefined };
  }
  const held = await findHeld(db, caller, id);
  const isToAgent = held?.recipient_id === friend.id && sendOf(held).recipient_connection_id === connectionId;
  return isToAgent ? heldTask(held, now) : undefined;
}

/** A message that is not sent, as a task. */
function heldTask(decision: DecisionRow, now: number): TaskRow {
  const { message_id: id, body, created_at, settled_at, state, summary } = decision;
  const { payload_type = 'text/plain', correlation_id = null } = sendOf(decision);
  const closed = state === 'rejected' ? 'rejected' : 'expired';
  return {
    id,
    body: body ?? '',
    payload_type,
    correlation_id,
    created_at,
    last_error: null,
    settled_at,
    state: null,
    rejection_reason: null,
    isAnswered: false,
    answer: undefined,
    review: { state: isHeld(decision, now) ? 'open' : closed, summary: summary ?? '' },
  };
}

/** Uses the primary key and outbox_by_message. What a policy rejected is owed to no agent. */
const messageTo = statement<
  [id: string, senderId: string, recipientId: string, connectionId: string],
  Stored
>(`
  select messages.id, messages.sender_connection_id, messages.body, messages.payload_type, messages.correlation_id,
    messages.created_at, messages.rejection_reason, outbox.state, outbox.last_error, outbox.settled_at
  from messages left join outbox on outbox.message_id = messages.id
  where messages.id = ? and messages.sender_id = ? and messages.recipient_id = ?
    and (outbox.connection_id = ? or messages.rejection_reason is not null)`);

/** Uses messages_answers. */
const firstAnswer = statement<[messageId: string, recipientId: string, senderId: string], Answer>(
  ({ arrival }) => `
  select id, body, payload_type, created_at, erased_at from messages
  where in_response_to = ? and recipient_id = ? and sender_id = ? and rejection_reason is null
  order by ${arrival('messages')} limit 1`,
);
