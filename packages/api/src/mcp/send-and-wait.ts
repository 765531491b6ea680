import { MahiloError } from '@mahilo/shared/errors';
import { findDecisionByKey } from '../decisions/decisions.ts';
import { isHeld } from '../decisions/review.ts';
import { wantWaitRoom } from '../live/wait-room.ts';
import { awaitSettled } from '../messages/await-settled.ts';
import { earlierMessages, sendersKey } from '../messages/idempotency.ts';
import type { Send } from '../messages/schemas.ts';
import type { Session } from './session.ts';
import { RejectedByPolicy } from './tool.ts';

/** How many answers to one message may be refused before no other is taken. */
const MAX_REFUSED = 10;

/**
 * Sends a message from the mailbox, and waits for its delivery.
 * @throws RejectedByPolicy, and MahiloError as a send does.
 */
export async function sendAndWait(session: Session, send: Send, key: string | undefined, waitS: number) {
  const { deps, caller, request } = session;
  const from = { sender_connection_id: await session.mailbox() };
  const sent = await deps.sendMessage(caller, { ...send, ...from }, key);
  if (sent.status === 'rejected') throw new RejectedByPolicy(sent.rejection_reason ?? '', sent.message_id);
  if (waitS === 0 || 'resolution' in sent) return sent;
  using room = wantWaitRoom(request, session.reply);
  if (room === undefined) return sent;
  const options = { timeoutMs: waitS * 1000, signal: room.signal };
  return awaitSettled(deps, deps.feed, caller.id, sent, options);
}

/**
 * Sends the answer to a message: one, however often it is asked for. One that was refused is none, so that a model can say
 * something else.
 * @throws as {@link sendAndWait}; MahiloError IDEMPOTENCY_CONFLICT when there is another answer.
 */
export async function sendReply(session: Session, messageId: string, send: Send) {
  for (let refused = 0; ; refused += 1) {
    const key = refused === 0 ? `reply:${messageId}` : `reply:${messageId}:${refused}`;
    try {
      return await sendAndWait(session, send, key, 0);
    } catch (error) {
      const isAnother = error instanceof MahiloError && error.code === 'IDEMPOTENCY_CONFLICT';
      if (!isAnother || refused === MAX_REFUSED || !(await wasRefused(session, key))) throw error;
    }
  }
}

/** Whether a policy, or the user, did not allow what was sent under this key. */
async function wasRefused({ deps, caller }: Session, key: string): Promise<boolean> {
  const { db, clock } = deps;
  const sent = await earlierMessages(db.kysely, [sendersKey(caller.id, key)]);
  if (sent.size > 0) return [...sent.values()].every((earlier) => earlier.rejection_reason !== null);
  const decision = await findDecisionByKey(db.kysely, caller.id, 'registry', key);
  return decision !== undefined && decision.state !== 'sent' && !isHeld(decision, clock.now());
}
