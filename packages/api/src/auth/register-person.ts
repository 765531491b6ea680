import { redeemInvite } from '@mahilo/shared/accounts/invites';
import { type RegisteredUser, registerUser } from '@mahilo/shared/accounts/register-user';
import { isReservedUsername } from '@mahilo/shared/accounts/reserved-names';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import { randomOf, registeredBefore } from './repeated-registration.ts';
import type { NewUser } from './schemas.ts';
import { invalidUsername, usernameOf } from './username.ts';

/**
 * Registers a person if `REGISTRATION` allows it. Takes one use of an invite in the same transaction. Asked again with the
 * same token to retry it gives the same answer again.
 * @throws MahiloError REGISTRATION_CLOSED, INVALID_USERNAME, INVALID_INVITE_TOKEN, INVITE_TOKEN_EXHAUSTED,
 * USERNAME_EXISTS
 */
export async function registerPerson(deps: ApiDeps, body: NewUser): Promise<RegisteredUser> {
  const { db, clock, settings } = deps;
  if (settings.REGISTRATION === 'closed') {
    throw new MahiloError('REGISTRATION_CLOSED', 'Only the operator registers people here.');
  }
  const username = newUsername(body.username);
  const display_name = body.display_name ?? null;
  const now = clock.now();
  const { retry_token: token } = body;
  const retry = token === undefined ? undefined : { username, token };
  return db.write('registry', async (trx) => {
    // Before an invite is taken: the first time has taken it.
    const before = retry && (await registeredBefore(trx, deps.keys, retry, now));
    if (before !== undefined) return before;
    // Before the name is looked up: without an invite nobody can find out which names exist.
    if (settings.REGISTRATION === 'invite') {
      await redeemInvite(trx, body.invite_token ?? body.inviteToken, now);
    }
    const source = retry ? { ...deps, random: randomOf(deps.keys.current.registrations, retry) } : deps;
    const registered = await registerUser(trx, source, { username, display_name }, now);
    if (registered === undefined) {
      throw new MahiloError('USERNAME_EXISTS', `The username ${username} is taken.`);
    }
    return registered;
  });
}

/** @throws MahiloError INVALID_USERNAME */
function newUsername(typed: string): string {
  const username = usernameOf(typed);
  if (isReservedUsername(username)) throw invalidUsername('is reserved; choose another one');
  return username;
}
