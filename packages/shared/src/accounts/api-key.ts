import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { customRandom } from 'nanoid';
import type { Random } from '../random.ts';
import type { DerivedKeys, KeyRing } from '../sealing/key-ring.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 12;
/** 36 × log2(62) = 214 random bits: too many to guess, so a fast hash is enough and argon2 would only cost. */
const SECRET_LENGTH = 36;
const FORM = /^mhl_([0-9A-Za-z]{8,32})_[0-9A-Za-z]{32,128}$/;

export interface NewApiKey {
  id: string;
  /** The whole key; shown to its user only once. */
  key: string;
}

/** A new API key `mhl_<id>_<secret>`. */
export function mintApiKey(random: Pick<Random, 'bytes'>): NewApiKey {
  const base62 = (length: number) => customRandom(BASE62, length, (size) => random.bytes(size))();
  const id = base62(ID_LENGTH);
  return { id, key: `mhl_${id}_${base62(SECRET_LENGTH)}` };
}

/** The API key of an `Authorization: Bearer` header (RFC 6750); undefined when there is none. */
export function parseBearer(header: string | undefined): NewApiKey | undefined {
  return parseApiKey(/^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '');
}

/** The id part of an API key, and the key; undefined when the text does not have the form of one. */
export function parseApiKey(key: string): NewApiKey | undefined {
  const id = FORM.exec(key)?.[1];
  return id === undefined ? undefined : { id, key };
}

/** What the database stores of a key: its HMAC-SHA256 under a key derived from SECRET_KEY, worthless without it. */
export function storedHash({ current }: KeyRing, key: string): { hash: Buffer; secret_key_id: string } {
  return { hash: hashApiKey(current.apiKeys, key), secret_key_id: current.id };
}

function hashApiKey(hashKey: KeyObject, key: string): Buffer {
  return createHmac('sha256', hashKey).update(key).digest();
}

/**
 * The keys under which a hash was made of this API key; undefined when it is the hash of another key. Costs one HMAC
 * when the caller knows which secret the hash is under. Compares in constant time.
 */
export function keysOfHash(
  ring: KeyRing,
  key: string,
  { hash, secret_key_id }: { hash: Buffer; secret_key_id: string | null },
): DerivedKeys | undefined {
  return ring.all.find(
    ({ id, apiKeys }) =>
      (secret_key_id === null || secret_key_id === id) && timingSafeEqual(hashApiKey(apiKeys, key), hash),
  );
}
