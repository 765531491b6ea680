import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

const KEY_BYTES = 32;

/** Keys derived from SECRET_KEY, one for each purpose, so that none can be used for another's. */
export interface DerivedKeys {
  /** For the keyed hash of API keys. */
  apiKeys: KeyObject;
  /** For sealing callback secrets. */
  sealing: KeyObject;
}

/** Derives the keys (HKDF-SHA256, RFC 5869). */
export function deriveKeys(secretKey: string): DerivedKeys {
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, '', `mahilo ${purpose} v1`, KEY_BYTES)));
  return { apiKeys: derive('api key hash'), sealing: derive('callback secret sealing') };
}
