import { MahiloError } from '@mahilo/shared/errors';
import type { User } from '../auth/users.ts';
import type { ApiDeps } from '../deps.ts';
import { messageAcceptor } from './accept.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import type { Send } from './schemas.ts';

export interface SentMessage {
  message_id: string;
  status: 'pending';
  delivery_id: string;
  deduplicated?: true;
}

export type SendMessage = (
  sender: User,
  send: Send,
  idempotencyHeader: string | undefined,
) => Promise<SentMessage>;

/** Sends messages to users: the request is judged by itself, then accepted together with others. */
export function messageSender(deps: ApiDeps): SendMessage {
  const accept = messageAcceptor(deps);
  return async (sender, send, idempotencyHeader) => {
    assertSize(send.message, deps.settings.MAX_PAYLOAD_SIZE);
    const idempotency = idempotencyKeyOf(idempotencyHeader, send);
    const { isEarlier, ...ids } = await accept({ sender, send, idempotency });
    return { ...ids, status: 'pending', ...(isEarlier && { deduplicated: true }) };
  };
}

/** @throws MahiloError PAYLOAD_TOO_LARGE */
export function assertSize(text: string, maxBytes: number): void {
  if (Buffer.byteLength(text) <= maxBytes) return;
  const message = `must have at most ${maxBytes} bytes`;
  throw new MahiloError('PAYLOAD_TOO_LARGE', `message ${message}.`, {
    details: [{ path: 'message', message }],
  });
}
