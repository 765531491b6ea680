import type { User } from '@mahilo/shared/accounts/users';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import { type Accepted, messageAcceptor } from './accept.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import type { Send } from './schemas.ts';

export interface SentMessage {
  message_id: string;
  status: 'pending';
  delivery_id: string;
  deduplicated?: true;
}

/** The answer to a message that a policy forbids; it is kept for the sender to see. */
export interface RejectedMessage {
  message_id: string;
  status: 'rejected';
  rejection_reason: string;
  deduplicated?: true;
}

export type SendMessage = (
  sender: User,
  send: Send,
  idempotencyHeader: string | undefined,
) => Promise<SentMessage | RejectedMessage>;

/** Sends messages to users: the request is judged by itself, then accepted together with others. */
export function messageSender(deps: ApiDeps, enforcer: PolicyEnforcer): SendMessage {
  const accept = messageAcceptor(deps);
  return async (sender, send, idempotencyHeader) => {
    assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
    const idempotency = idempotencyKeyOf(idempotencyHeader, send);
    const violation = await enforcer.violation(sender, send);
    return answerTo(await accept({ sender, send, idempotency, violation }));
  };
}

function answerTo({ message_id, delivery_id, rejection_reason, isEarlier }: Accepted) {
  const repeated = isEarlier ? { deduplicated: true as const } : {};
  return delivery_id === null
    ? { message_id, status: 'rejected' as const, rejection_reason: rejection_reason ?? '', ...repeated }
    : { message_id, status: 'pending' as const, delivery_id, ...repeated };
}

/** @throws MahiloError PAYLOAD_TOO_LARGE */
export function assertSize(text: string, maxBytes: number): void {
  if (Buffer.byteLength(text) <= maxBytes) return;
  const message = `must have at most ${maxBytes} bytes`;
  throw new MahiloError('PAYLOAD_TOO_LARGE', `message ${message}.`, {
    details: [{ path: 'message', message }],
  });
}
