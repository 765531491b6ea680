import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { GroupRole, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import { tellInCharge } from '@mahilo/shared/groups/tell';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { assertNotBlocked } from './assert-not-blocked.ts';
import { noSuchGroup, requireRole } from './authorize.ts';
import { findGroup, type Group, insertGroup } from './groups.ts';
import { acceptInvitation, countMembers, findMembership, insertMembership } from './members.ts';
import type { NewGroup } from './schemas.ts';

/** Creates a group with the user as its owner and only member. @throws MahiloError GROUP_EXISTS, QUOTA_EXCEEDED */
export async function createGroup(deps: ApiDeps, user: Caller, request: NewGroup): Promise<string> {
  const { db, clock, newId } = deps;
  const now = clock.now();
  const groupId = newId('grp');
  await db.write(user, async (trx) => {
    await assertRoom(deps, trx, 'groups_per_user', user.id);
    await assertRoom(deps, trx, 'memberships_per_user', user.id);
    const isFree = await insertGroup(trx, {
      id: groupId,
      name: request.name,
      description: request.description ?? null,
      invite_only: Number(request.invite_only ?? true),
      created_at: now,
      deleted_at: null,
    });
    if (!isFree) throw new MahiloError('GROUP_EXISTS', 'There is a group with this name already.');
    await insertMembership(trx, {
      id: newId('mbr'),
      group_id: groupId,
      user_id: user.id,
      role: 'owner',
      status: 'active',
      created_at: now,
      joined_at: now,
    });
  });
  return groupId;
}

export interface Invited {
  membershipId: string;
  invitee: User;
}

/**
 * Invites a user on behalf of the owner or an admin.
 * @throws MahiloError NOT_FOUND, FORBIDDEN, USER_NOT_FOUND, ALREADY_MEMBER, ALREADY_INVITED, BLOCKED, QUOTA_EXCEEDED
 */
export async function invite(
  deps: ApiDeps,
  user: Caller,
  groupId: string,
  username: string,
): Promise<Invited> {
  const { db, clock, newId } = deps;
  const now = clock.now();
  return db.write(user, async (trx) => {
    const own = await requireRole(trx, groupId, user.id, ['owner', 'admin']);
    const invitee = await findUser(trx, username);
    if (invitee === undefined)
      throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
    await assertInvitable(trx, groupId, user, invitee);
    await assertRoom(deps, trx, 'requests_per_user', user.id);
    const membershipId = newId('mbr');
    await insertMembership(trx, {
      id: membershipId,
      group_id: groupId,
      user_id: invitee.id,
      role: 'member',
      status: 'invited',
      created_at: now,
      joined_at: null,
      invited_by: user.id,
    });
    const data = {
      group_id: groupId,
      group_name: own.group_name,
      membership_id: membershipId,
      invited_by: user.username,
    };
    await appendEvents(trx, [{ userId: invitee.id, type: 'group_invite', data }], now);
    return { membershipId, invitee };
  });
}

async function assertInvitable(
  trx: Transaction<Schema>,
  groupId: string,
  inviter: User,
  invitee: User,
): Promise<void> {
  const existing = await findMembership(trx, groupId, invitee.id);
  if (existing?.status === 'active') {
    throw new MahiloError('ALREADY_MEMBER', `${invitee.username} is a member of the group already.`);
  }
  if (existing !== undefined)
    throw new MahiloError('ALREADY_INVITED', `${invitee.username} is invited already.`);
  await assertNotBlocked(trx, inviter.id, invitee.id);
}

export interface Joined {
  name: string;
  role: GroupRole;
}

/**
 * Makes the user a member of an open group, or of a group that has invited them.
 * @throws MahiloError NOT_FOUND, ALREADY_MEMBER, INVITE_REQUIRED, GROUP_FULL, QUOTA_EXCEEDED
 */
export async function joinGroup(deps: ApiDeps, user: Caller, groupId: string): Promise<Joined> {
  const { db, clock } = deps;
  const now = clock.now();
  return db.write(user, async (trx) => {
    const group = await findGroup(trx, groupId);
    if (group === undefined) throw noSuchGroup();
    const role = await enter(deps, trx, user, group, now);
    await tellJoined(trx, user, group, role, now);
    return { name: group.name, role };
  });
}

/** Tells those in charge of a group who has joined it. */
export async function tellJoined(
  trx: Transaction<Schema>,
  user: Caller,
  { id: groupId, name }: Pick<Group, 'id' | 'name'>,
  role: GroupRole,
  now: number,
): Promise<void> {
  const data = { group_id: groupId, group_name: name, username: user.username, role };
  await tellInCharge(trx, { type: 'group_join', groupId, data }, { doneBy: user.id }, now);
}

/**
 * Makes somebody a member of a group that is open, or has invited them.
 * @throws MahiloError ALREADY_MEMBER, INVITE_REQUIRED, GROUP_FULL, QUOTA_EXCEEDED
 */
export async function enter(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  user: Caller,
  group: Group,
  now: number,
): Promise<GroupRole> {
  const { newId, settings } = deps;
  const existing = await findMembership(trx, group.id, user.id);
  if (existing?.status === 'active') {
    throw new MahiloError('ALREADY_MEMBER', 'You are a member of this group already.');
  }
  if (existing === undefined && group.invite_only) {
    throw new MahiloError('INVITE_REQUIRED', 'Only who was invited can join this group.');
  }
  if ((await countMembers(trx, group.id)) >= settings.MAX_GROUP_MEMBERS) {
    throw new MahiloError('GROUP_FULL', `A group has at most ${settings.MAX_GROUP_MEMBERS} members.`);
  }
  await assertRoom(deps, trx, 'memberships_per_user', user.id);
  if (existing !== undefined) {
    await acceptInvitation(trx, existing.id, now);
    return existing.role;
  }
  await insertMembership(trx, {
    id: newId('mbr'),
    group_id: group.id,
    user_id: user.id,
    role: 'member',
    status: 'active',
    created_at: now,
    joined_at: now,
  });
  return 'member';
}
