import { mintApiKey, storedHash } from '@mahilo/shared/accounts/api-key';
import { redeemInvite } from '@mahilo/shared/accounts/invites';
import { isReservedUsername } from '@mahilo/shared/accounts/reserved-names';
import { insertUser, normalizeUsername, replaceKey } from '@mahilo/shared/accounts/users';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { NewUser } from './schemas.ts';

export interface RegisteredUser {
  user_id: string;
  username: string;
  api_key: string;
}

/**
 * Registers a person, as far as `REGISTRATION` lets anybody: with an invite, one use of it is taken in the same transaction.
 * @throws MahiloError REGISTRATION_CLOSED, INVALID_USERNAME, INVALID_INVITE_TOKEN, INVITE_TOKEN_EXHAUSTED, USERNAME_EXISTS
 */
export async function registerPerson(deps: ApiDeps, body: NewUser): Promise<RegisteredUser> {
  const { db, clock, random, newId, keys, settings } = deps;
  if (settings.REGISTRATION === 'closed') {
    throw new MahiloError('REGISTRATION_CLOSED', 'Only the operator registers people here.');
  }
  const username = usernameOf(body.username);
  const { id: keyId, key } = mintApiKey(random);
  const now = clock.now();
  const id = newId('usr');
  await db.write('registry', async (trx) => {
    // Before the name is looked up: without an invite nobody learns which names there are.
    if (settings.REGISTRATION === 'invite') {
      await redeemInvite(trx, body.invite_token ?? body.inviteToken, now);
    }
    const display_name = body.display_name ?? null;
    if (!(await insertUser(trx, { id, username, display_name, created_at: now }))) {
      throw new MahiloError('USERNAME_EXISTS', `The username ${username} is taken.`);
    }
    await replaceKey(trx, { id: keyId, user_id: id, ...storedHash(keys, key), created_at: now });
  });
  return { user_id: id, username, api_key: key };
}

/** @throws MahiloError INVALID_USERNAME */
function usernameOf(typed: string): string {
  const username = normalizeUsername(typed);
  if (username === undefined) throw invalidUsername('must have 3–30 of A–Z a–z 0–9 _ -');
  if (isReservedUsername(username)) throw invalidUsername('is reserved; choose another one');
  return username;
}

function invalidUsername(message: string): MahiloError {
  return new MahiloError('INVALID_USERNAME', `username ${message}.`, {
    details: [{ path: 'username', message }],
  });
}
