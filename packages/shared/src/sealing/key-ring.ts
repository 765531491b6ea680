import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { Settings } from '../config/settings.ts';

const KEY_BYTES = 32;
const ID_BYTES = 8;

/** Keys derived from one secret: one for each purpose, so that no key serves another one. */
export interface DerivedKeys {
  /** Identifies the secret without giving it away; stored beside what was made under it. */
  id: string;
  /** For the keyed hash of API keys. */
  apiKeys: KeyObject;
  /** For sealing callback secrets. */
  sealing: KeyObject;
  /** For first API keys that can be made again. */
  registrations: KeyObject;
}

/** `current` makes everything new. Any of `all` may have made what is stored; `current` is the first of them. */
export interface KeyRing {
  current: DerivedKeys;
  all: readonly DerivedKeys[];
}

/** Derives the keys (HKDF-SHA256, RFC 5869). */
export function deriveKeys(secretKey: string): DerivedKeys {
  const derive = (purpose: string, length = KEY_BYTES) =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `mahilo ${purpose} v1`, length));
  return {
    id: derive('key id', ID_BYTES).toString('hex'),
    apiKeys: createSecretKey(derive('api key hash')),
    sealing: createSecretKey(derive('callback secret sealing')),
    registrations: createSecretKey(derive('first api key')),
  };
}

/** The keys of a process: those of SECRET_KEY, and during a rotation those of SECRET_KEY_PREVIOUS. */
export function keyRing(settings: Pick<Settings, 'SECRET_KEY' | 'SECRET_KEY_PREVIOUS'>): KeyRing {
  const current = deriveKeys(settings.SECRET_KEY);
  const { SECRET_KEY_PREVIOUS: previous } = settings;
  return { current, all: previous === undefined ? [current] : [current, deriveKeys(previous)] };
}
