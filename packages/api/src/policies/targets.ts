import { findUser, isUserId } from '@mahilo/shared/accounts/users';
import type { PolicyScope, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { assertRole } from '../friends/friend-roles.ts';
import { findGroup, findGroupNamed } from '../groups/groups.ts';
import { findMembership } from '../groups/members.ts';

/**
 * The id of what a policy of a user is for, which may be named by its id or by its name; a role has only a name.
 * @throws MahiloError INVALID_ROLE, USER_NOT_FOUND, GROUP_NOT_FOUND, NOT_MEMBER, FORBIDDEN
 */
export async function targetOf(
  db: Kysely<Schema>,
  userId: string,
  scope: PolicyScope,
  target: string | null,
): Promise<string | null> {
  if (target === null) return null;
  if (scope === 'role') {
    assertRole(target);
    return target;
  }
  const id = await (scope === 'group' ? groupIdOf(db, target) : userIdOf(db, target));
  if (id === undefined) throw noTarget(scope);
  if (scope === 'group') await assertRunsGroup(db, userId, id);
  return id;
}

function noTarget(scope: PolicyScope): MahiloError {
  const [code, what] =
    scope === 'group' ? (['GROUP_NOT_FOUND', 'group'] as const) : (['USER_NOT_FOUND', 'user'] as const);
  return new MahiloError(code, `There is no ${what} with the id or the name target_id.`);
}

/** What policies for this target have as their `target_id`: it may be the name of a user, of a group, of a role. */
export async function targetsNamed(db: Kysely<Schema>, target: string): Promise<string[]> {
  const ids = [await userIdOf(db, target), await groupIdOf(db, target)];
  return [target, ...ids.filter((id) => id !== undefined)];
}

/** An id goes first, since somebody may have a name that looks like the id of somebody else. */
async function userIdOf(db: Kysely<Schema>, target: string): Promise<string | undefined> {
  return (await isUserId(db, target)) ? target : (await findUser(db, target))?.id;
}

async function groupIdOf(db: Kysely<Schema>, target: string): Promise<string | undefined> {
  return ((await findGroup(db, target)) ?? (await findGroupNamed(db, target)))?.id;
}

async function assertRunsGroup(db: Kysely<Schema>, userId: string, groupId: string): Promise<void> {
  const own = await findMembership(db, groupId, userId);
  if (own?.status !== 'active') throw new MahiloError('NOT_MEMBER', 'You are not a member of this group.');
  if (own.role === 'member') {
    throw new MahiloError('FORBIDDEN', 'Only owner and admin of the group write its policies.');
  }
}
