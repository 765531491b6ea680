import { findUser } from '@mahilo/shared/accounts/users';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { requireRole } from './authorize.ts';
import { memberNamed } from './leave.ts';
import { findMembership, setRole } from './members.ts';

/**
 * Hands a group to another active member; the owner becomes a plain member. @returns the new owner's id.
 * @throws MahiloError NOT_FOUND, FORBIDDEN, USER_NOT_FOUND, INVALID_REQUEST, QUOTA_EXCEEDED
 */
export async function transferGroup(
  deps: ApiDeps,
  user: Caller,
  groupId: string,
  username: string,
): Promise<string> {
  return deps.db.write(user, async (trx) => {
    const own = await requireRole(trx, groupId, user.id, ['owner']);
    const heir = await findUser(trx, username);
    if (heir === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
    if (heir.id === user.id) throw invalidField('username', 'is your own');
    const member = await findMembership(trx, groupId, heir.id);
    if (member?.status !== 'active') throw invalidField('username', 'must be an active member of the group');
    await assertRoom(deps, trx, 'groups_per_user', heir.id);
    // In this order: a group may at no moment have two owners.
    await setRole(trx, own.id, 'member');
    await setRole(trx, member.id, 'owner');
    return heir.id;
  });
}

/**
 * Makes an active member an admin, or an admin a plain member, for the owner.
 * @throws MahiloError NOT_FOUND, FORBIDDEN, INVALID_REQUEST
 */
export async function changeRole(
  { db }: ApiDeps,
  user: Caller,
  groupId: string,
  username: string,
  role: 'admin' | 'member',
) {
  return db.write(user, async (trx) => {
    await requireRole(trx, groupId, user.id, ['owner']);
    const { member, name } = await memberNamed(trx, groupId, username);
    if (member.role === 'owner') throw invalidField('role', 'of the owner changes by a transfer only');
    if (member.status !== 'active')
      throw new MahiloError('NOT_FOUND', `${name} has not joined the group yet.`);
    await setRole(trx, member.id, role);
    return { member, name };
  });
}
