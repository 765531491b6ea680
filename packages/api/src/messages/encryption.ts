import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Send } from './schemas.ts';

/**
 * The `encryption.alg` of messages in the form of docs/encryption.md: JWE whose keys are agreed by ECDH-ES+A256KW (RFC 7518
 * §4.6). Of these the registry knows what `key_id` names; agents may have other forms of their own.
 */
const JOSE = 'ECDH-ES+A256KW';

type Encrypted = Pick<Send, 'encryption' | 'recipient_type'>;

export function isJose({ encryption }: Pick<Send, 'encryption'>): boolean {
  return encryption?.alg === JOSE;
}

/** Only a message to a group is for several keys. @throws MahiloError INVALID_REQUEST when the key is not named */
export function checkEncryption({ encryption, recipient_type }: Encrypted): void {
  if (encryption === undefined || encryption.key_id !== undefined || recipient_type === 'group') return;
  throw invalidField('encryption.key_id', 'is required');
}

/**
 * Refuses a message that is encrypted with a key that its recipient's agent has no more: nobody could read it.
 * @param current the thumbprint of the key that the agent has; absent: the registry knows of none.
 * @throws MahiloError STALE_KEY
 */
export function assertCurrentKey({ encryption }: Encrypted, current: string | undefined): void {
  if (encryption?.alg !== JOSE || current === undefined || encryption.key_id === current) return;
  throw new MahiloError(
    'STALE_KEY',
    'encryption.key_id is not the X25519 key of the agent that would get the message: fetch its keys again.',
  );
}
