import { hash } from 'node:crypto';
import type { Selectors } from '../policies/selectors.ts';

/** What a decision was made about. It must be the same when the message is sent. */
export interface Decided {
  sender_connection_id?: string;
  recipient: string;
  message: string;
  context?: string;
  payload_type?: string;
}

/**
 * SHA-256 of what was decided about. Hashes outlive an upgrade, so what they are made of never changes for a request
 * that an earlier version could take.
 */
export function requestHash(decided: Decided, { direction, resource, action }: Selectors): Buffer {
  const parts = [
    decided.sender_connection_id ?? null,
    decided.recipient.toLowerCase(),
    decided.message,
    decided.context ?? null,
    decided.payload_type ?? 'text/plain',
    direction,
    resource,
    action,
  ];
  return hash('sha256', JSON.stringify(parts), 'buffer');
}
