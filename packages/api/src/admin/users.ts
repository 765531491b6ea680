import { disableUser, enableUser } from '@mahilo/operator/accounts/disable-user';
import { deleteKeysOfUser } from '@mahilo/shared/accounts/keys';
import { giveNewKey, registerUser } from '@mahilo/shared/accounts/register-user';
import { removeUser } from '@mahilo/shared/accounts/remove-user';
import { mintToken } from '@mahilo/shared/accounts/session-token';
import { insertSignInLink, LINK_MS } from '@mahilo/shared/accounts/sign-in-links';
import { type AuditAction, type AuditActor, appendAudit } from '@mahilo/shared/audit/append';
import type { Schema } from '@mahilo/shared/db/schema';
import { deleteDecisionsOfUser } from '@mahilo/shared/decisions/delete';
import { MahiloError } from '@mahilo/shared/errors';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { usernameOf } from '../auth/username.ts';
import type { ApiDeps } from '../deps.ts';

/** Who asks for a change of somebody's account. */
export interface Operator {
  caller: Caller;
  actor: AuditActor;
}

export type UserRow = Selectable<Schema['users']>;

/** A user whose account is not deleted. Uses the primary key. @throws MahiloError USER_NOT_FOUND */
export async function existingUser(db: Kysely<Schema>, id: string): Promise<UserRow> {
  const user = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  if (user === undefined || user.deleted_at !== null) {
    throw new MahiloError('USER_NOT_FOUND', 'There is no user with this id, or not any more.');
  }
  return user;
}

type Change<T> = (trx: Transaction<Schema>, user: UserRow, now: number) => Promise<T>;

/** Changes an account, with a line in the audit trail. @throws MahiloError USER_NOT_FOUND */
async function changeUser<T>(
  { db, clock }: ApiDeps,
  { caller, actor }: Operator,
  userId: string,
  {
    action,
    details = {},
    change,
  }: { action: AuditAction; details?: Record<string, string>; change: Change<T> },
): Promise<T> {
  return db.write(caller, async (trx) => {
    const now = clock.now();
    const user = await existingUser(trx, userId);
    await appendAudit(
      trx,
      { actor, action, subject: userId, details: { username: user.username, ...details } },
      now,
    );
    return change(trx, user, now);
  });
}

/** What an operator does to their own account here would lock them out. @throws MahiloError FORBIDDEN */
function assertOther({ caller }: Operator, userId: string): void {
  if (caller.id !== userId) return;
  throw new MahiloError('FORBIDDEN', 'This is your own account: somebody else has to do that, or the tools.');
}

/** Shuts a user out, or lets them in again. @throws MahiloError USER_NOT_FOUND, FORBIDDEN */
export async function setDisabled(
  deps: ApiDeps,
  operator: Operator,
  userId: string,
  { disabled, reason }: { disabled: boolean; reason?: string | undefined },
): Promise<void> {
  assertOther(operator, userId);
  const user = await existingUser(deps.db.kysely, userId);
  if ((user.disabled_at !== null) === disabled) return;
  await changeUser(deps, operator, userId, {
    action: disabled ? 'user.disable' : 'user.enable',
    details: reason === undefined ? {} : { reason },
    change: async (trx, { id }, now) => (disabled ? disableUser(trx, id, now) : enableUser(trx, id, now)),
  });
}

/** Gives a user a new API key; all others are dead, and they are signed out. @throws MahiloError USER_NOT_FOUND, FORBIDDEN */
export async function resetKey(deps: ApiDeps, operator: Operator, userId: string): Promise<string> {
  assertOther(operator, userId);
  return changeUser(deps, operator, userId, {
    action: 'key.reset',
    change: (trx, { id }, now) => giveNewKey(trx, deps, id, now),
  });
}

/** A token with which somebody signs in at a browser, once, until `expiresAt` (ms). */
export interface SignInToken {
  token: string;
  expiresAt: number;
}

/** @throws MahiloError USER_NOT_FOUND; FORBIDDEN for a disabled user */
export async function giveLink(deps: ApiDeps, operator: Operator, userId: string): Promise<SignInToken> {
  return changeUser(deps, operator, userId, {
    action: 'session.link',
    change: async (trx, user, now) => {
      if (user.disabled_at !== null) {
        throw new MahiloError('FORBIDDEN', `${user.username} is disabled: enable them first.`);
      }
      return writeLink(trx, deps, user.id, now);
    },
  });
}

async function writeLink(
  trx: Transaction<Schema>,
  { random }: Pick<ApiDeps, 'random'>,
  userId: string,
  now: number,
): Promise<SignInToken> {
  const token = mintToken(random);
  await insertSignInLink(trx, { token, userId, now });
  return { token, expiresAt: now + LINK_MS };
}

export interface NewPerson {
  username: string;
  display_name?: string | undefined;
}

/**
 * Registers somebody, also under a reserved name, with a link to sign in, and no API key: they make one themselves.
 * @throws MahiloError INVALID_USERNAME, USERNAME_EXISTS
 */
export async function createUser(
  deps: ApiDeps,
  { caller, actor }: Operator,
  person: NewPerson,
): Promise<SignInToken & { userId: string; username: string }> {
  const username = usernameOf(person.username);
  const display_name = person.display_name || null;
  return deps.db.write(caller, async (trx) => {
    const now = deps.clock.now();
    const registered = await registerUser(trx, deps, { username, display_name }, now, actor);
    if (registered === undefined) {
      throw new MahiloError('USERNAME_EXISTS', `The username ${username} is taken.`);
    }
    const userId = registered.user_id;
    await deleteKeysOfUser(trx, userId);
    await appendAudit(trx, { actor, action: 'session.link', subject: userId, details: { username } }, now);
    return { userId, username, ...(await writeLink(trx, deps, userId, now)) };
  });
}

/** Ends an account for good. @throws MahiloError USER_NOT_FOUND, FORBIDDEN */
export async function deleteUser(deps: ApiDeps, operator: Operator, userId: string): Promise<void> {
  const { db, clock } = deps;
  assertOther(operator, userId);
  await existingUser(db.kysely, userId);
  await deleteDecisionsOfUser((work) => db.write(operator.caller, work), userId);
  const connectionIds = await changeUser(deps, operator, userId, {
    action: 'user.delete',
    change: (trx, user, now) => removeUser(trx, user, now),
  });
  await cancelAllDeliveries((work) => db.write('registry', work), connectionIds, clock);
}
