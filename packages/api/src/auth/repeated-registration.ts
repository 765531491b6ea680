import { hkdfSync, type KeyObject } from 'node:crypto';
import { keysOfHash, mintApiKey } from '@mahilo/shared/accounts/api-key';
import { findKeyOwner } from '@mahilo/shared/accounts/keys';
import type { RegisteredUser } from '@mahilo/shared/accounts/register-user';
import { findProfile } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Random } from '@mahilo/shared/random';
import type { KeyRing } from '@mahilo/shared/sealing/key-ring';
import type { Transaction } from 'kysely';

/** How long (ms) after a registration its answer can be had again. */
const REPEATED_MS = 3_600_000;

/** Whose registration it is: whoever has the token gets the key. */
export interface RetryToken {
  username: string;
  token: string;
}

/**
 * What makes the first API key of a registration with a token. It is the same each time, so that the answer can be given
 * again although the key is stored nowhere. Worthless without SECRET_KEY (HKDF-SHA256, RFC 5869).
 */
export function randomOf(key: KeyObject, { username, token }: RetryToken): Pick<Random, 'bytes'> {
  let asked = 0;
  return {
    bytes(size) {
      asked += 1;
      return Buffer.from(hkdfSync('sha256', key, token, `mahilo ${username} ${asked}`, size));
    },
  };
}

/**
 * The answer to the same registration, not long ago, if its key is still the account's. Uses the primary keys.
 * @returns undefined when there was none.
 */
export async function registeredBefore(
  trx: Transaction<Schema>,
  ring: KeyRing,
  retry: RetryToken,
  now: number,
): Promise<RegisteredUser | undefined> {
  for (const { registrations } of ring.all) {
    const minted = mintApiKey(randomOf(registrations, retry));
    const [owner] = await findKeyOwner(trx, minted.id);
    if (owner === undefined || keysOfHash(ring, minted.key, owner) === undefined) continue;
    const { created_at } = await findProfile(trx, owner.id);
    if (created_at <= now - REPEATED_MS) continue;
    return { user_id: owner.id, username: owner.username, api_key: minted.key };
  }
  return undefined;
}
