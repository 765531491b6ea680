import { createPrivateKey, createPublicKey, diffieHellman, hash } from 'node:crypto';
import { isoTime } from '@mahilo/shared/clock';
import { invalidField } from '@mahilo/shared/errors';
import type { ConnectionRow } from './connections.ts';
import type { RegisterAgent } from './schemas.ts';

type GivenKey = NonNullable<RegisterAgent['public_keys']>['keys'][number];

/** A public key (RFC 8037) in the form in which it is stored and shown: `kid` is its thumbprint (RFC 7638). */
export interface PublicKey {
  kty: 'OKP';
  crv: GivenKey['crv'];
  x: string;
  use: 'enc' | 'sig';
  kid: string;
}

const USE = { X25519: 'enc', Ed25519: 'sig' } as const;

/** Members of private and symmetric keys (RFC 7518 §6, RFC 8037 §2, and of drafts). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv', 'seed'];

const IS_PRIVATE =
  'belongs to a private key, which must never leave its owner: nothing was stored. Make a new key pair';

/**
 * The public keys of a request in their one form, the one to encrypt with first. A private key is refused before anything
 * of it is kept; no refusal repeats what was given.
 * @throws MahiloError INVALID_REQUEST
 */
export function checkedPublicKeys(given: RegisterAgent['public_keys']): PublicKey[] | undefined {
  if (given === undefined) return undefined;
  refusePrivate(given, 'public_keys');
  const keys = given.keys.map((key, n) => checked(key, `public_keys.keys.${n}`));
  const [one, other] = keys;
  if (one !== undefined && one.crv === other?.crv) {
    throw invalidField('public_keys.keys', `must not have two keys of ${one.crv}`);
  }
  return keys.toSorted((a, b) => (a.crv > b.crv ? -1 : 1));
}

/** A private key in PEM, as a JWK, or of one of the two curves in PKCS #8 (RFC 8410 §7) and base64. */
const PRIVATE_TEXT = /PRIVATE KEY|"d"\s*:|^\s*MC4CAQAwBQYDK2V/;

/** The older field takes any text. @throws MahiloError INVALID_REQUEST when it is a private key */
export function checkPublicKey({ public_key: text }: Pick<RegisterAgent, 'public_key'>): void {
  if (text !== undefined && PRIVATE_TEXT.test(text)) throw invalidField('public_key', IS_PRIVATE);
}

function refusePrivate(given: object, path: string): void {
  const name = Object.keys(given).find((member) => PRIVATE.includes(member.toLowerCase()));
  if (name === undefined) return;
  throw invalidField(`${path}.${name}`, IS_PRIVATE);
}

function checked(given: GivenKey, path: string): PublicKey {
  refusePrivate(given, path);
  const { kty, crv, x } = given;
  const kid = thumbprintOf({ crv, x });
  if (given.kid !== undefined && given.kid !== kid) {
    throw invalidField(`${path}.kid`, 'is not the thumbprint (RFC 7638, SHA-256) of the key');
  }
  if (given.use !== undefined && given.use !== USE[crv]) {
    throw invalidField(`${path}.use`, `of ${crv} must be ${USE[crv]}`);
  }
  if (crv === 'X25519' && !canAgree(x)) throw invalidField(`${path}.x`, 'is no key to agree a secret with');
  return { kty, crv, x, use: USE[crv], kid };
}

function thumbprintOf({ crv, x }: Pick<PublicKey, 'crv' | 'x'>): string {
  return hash('sha256', JSON.stringify({ crv, kty: 'OKP', x }), 'base64url');
}

/** Before the 32 bytes of an X25519 key in PKCS #8 (RFC 8410 §7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * With a point of low order everybody would agree on the same secret (RFC 7748 §6.1), so libraries refuse it; in a group,
 * one such member would keep all others from writing. Any private key finds it out.
 */
function canAgree(x: string): boolean {
  const anyKey = Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, 1)]);
  const privateKey = createPrivateKey({ key: anyKey, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  try {
    diffieHellman({ privateKey, publicKey });
    return true;
  } catch {
    return false;
  }
}

type KeyColumns = Pick<ConnectionRow, 'public_keys_json' | 'public_keys_since'>;

/** How the public keys of a connection change, by their thumbprints. */
export interface KeyChange {
  columns: KeyColumns;
  before: string[];
  after: string[];
}

/**
 * @param known the columns as they are; absent: the connection is new.
 * @param keys what a request gives; none at all leaves them as they are.
 * @returns undefined when nothing changes.
 */
export function keyChange(
  known: Pick<KeyColumns, 'public_keys_json'> | undefined,
  keys: readonly PublicKey[] | undefined,
  now: number,
): KeyChange | undefined {
  if (keys === undefined) return undefined;
  const before = thumbprintsIn(known?.public_keys_json ?? null);
  const after = keys.map(({ kid }) => kid);
  if (before.join() === after.join()) return undefined;
  const json = keys.length === 0 ? null : JSON.stringify({ keys });
  return { columns: { public_keys_json: json, public_keys_since: now }, before, after };
}

function thumbprintsIn(json: string | null): string[] {
  return keysIn(json).map(({ kid }) => kid);
}

/** The keys in a column `public_keys_json`. */
export function keysIn(json: string | null): readonly PublicKey[] {
  return json === null ? [] : JSON.parse(json).keys;
}

/** Public keys as answers show them. */
export function publicKeysShown({ public_keys_json: json, public_keys_since: since }: KeyColumns) {
  if (json === null) return {};
  return { public_keys: JSON.parse(json), ...(since !== null && { public_keys_since: isoTime(since) }) };
}
