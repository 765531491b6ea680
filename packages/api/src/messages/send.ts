import { MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import type { Accepted } from './accept.ts';
import { type AcceptorDeps, groupAcceptor, userAcceptor } from './acceptors.ts';
import { idempotencyKeyOf } from './idempotency.ts';
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
interface RejectedMessage {
  message_id: string;
  status: 'rejected';
  rejection_reason: string;
  deduplicated?: true;
}

export type SendMessage = (
  sender: Caller,
  send: Send,
  idempotencyHeader: string | undefined,
) => Promise<SentMessage | RejectedMessage>;

/** Sends messages: checks each request, then accepts it. */
export function messageSender(deps: AcceptorDeps, enforcer: PolicyEnforcer): SendMessage {
  const acceptors = { user: userAcceptor(deps), group: groupAcceptor(deps) };
  return async (sender, send, idempotencyHeader) => {
    assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
    const idempotency = idempotencyKeyOf(idempotencyHeader, send);
    const violation = await enforcer.violation(sender, send);
    await deps.quota.refresh(sender.id);
    const to = send.recipient_type ?? 'user';
    const accepted = await acceptors[to]({ sender, send, idempotency, violation });
    const answer = to === 'group' ? answerToGroup(accepted) : answerToUser(accepted);
    return accepted.isEarlier ? { ...answer, deduplicated: true } : answer;
  };
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
function assertSize(text: string, maxBytes: number): void {
  if (Buffer.byteLength(text) <= maxBytes) return;
  const message = `must have at most ${maxBytes} bytes`;
  throw new MahiloError('PAYLOAD_TOO_LARGE', `message ${message}.`, {
    details: [{ path: 'message', message }],
  });
}
