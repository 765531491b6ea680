import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';
import type { DerivedKeys, KeyRing } from './key-ring.ts';

/** First byte of everything sealed, so that the format can change. */
const VERSION = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a secret with AES-256-GCM (NIST SP 800-38D). Also authenticates `context` (the id of its row), so that a
 * sealed secret copied into another row does not open.
 */
export function seal(key: KeyObject, secret: string, context: string, random: Random): Buffer {
  const iv = random.bytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), sealed]);
}

/** Opens what {@link seal} made. @throws Error when the key or the context differs, or the bytes were changed. */
export function unseal(key: KeyObject, sealed: Buffer, context: string): string {
  if (sealed[0] !== VERSION) throw new Error('The sealed secret has an unknown format.');
  const body = 1 + IV_BYTES + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(1 + IV_BYTES, body));
  return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]).toString('utf8');
}

/**
 * Opens what any key of the ring has sealed, trying the current one first.
 * @returns the secret, and the keys that sealed it.
 * @throws Error when none of them opens it.
 */
export function unsealWithRing(
  ring: KeyRing,
  sealed: Buffer,
  context: string,
): { secret: string; keys: DerivedKeys } {
  let failure: unknown;
  for (const keys of ring.all) {
    try {
      return { secret: unseal(keys.sealing, sealed, context), keys };
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
