import { findAnyUser } from '@mahilo/shared/accounts/users';
import type { GroupRole, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { endGroup } from '@mahilo/shared/groups/end-group';
import { tellInCharge } from '@mahilo/shared/groups/tell';
import type { Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { noSuchGroup, requireRole } from './authorize.ts';
import { countMembers, deleteMembership, findMembership, type Membership } from './members.ts';

/**
 * Ends the user's own membership, or declines an invitation. The group ends with its last member.
 * @returns whether it ended.
 * @throws MahiloError NOT_FOUND, OWNER_CANNOT_LEAVE
 */
export async function leaveGroup({ db, clock }: ApiDeps, user: Caller, groupId: string): Promise<boolean> {
  const now = clock.now();
  return db.write(user, async (trx) => {
    const own = await findMembership(trx, groupId, user.id);
    if (own === undefined) throw noSuchGroup();
    if (own.role === 'owner') {
      if ((await countMembers(trx, groupId)) > 1) {
        throw new MahiloError(
          'OWNER_CANNOT_LEAVE',
          'The owner cannot leave the other members: transfer the group, or delete it.',
        );
      }
      await endGroup(trx, groupOf(own), user.id, now);
      return true;
    }
    await deleteMembership(trx, own.id);
    const news = { type: 'group_leave' as const, groupId, data: left(own, user.username) };
    await tellInCharge(trx, news, { doneBy: user.id }, now);
    return false;
  });
}

/** Which roles each role may remove: only lower ones. */
const REMOVES: Readonly<Record<GroupRole, readonly GroupRole[]>> = {
  owner: ['admin', 'member'],
  admin: ['member'],
  member: [],
};

/**
 * Removes a member, or withdraws an invitation. What was sent before still reaches the removed person.
 * @throws MahiloError NOT_FOUND, FORBIDDEN
 */
export async function removeMember(
  { db, clock }: ApiDeps,
  user: Caller,
  groupId: string,
  username: string,
): Promise<void> {
  const now = clock.now();
  await db.write(user, async (trx) => {
    const own = await requireRole(trx, groupId, user.id, ['owner', 'admin']);
    const { member, name } = await memberNamed(trx, groupId, username);
    if (!REMOVES[own.role].includes(member.role)) {
      throw new MahiloError('FORBIDDEN', `The group's ${own.role} cannot remove its ${member.role}.`);
    }
    await deleteMembership(trx, member.id);
    const data = { ...left(member, name), removed_by: user.username };
    const people = { doneBy: user.id, alsoInform: member.user_id };
    await tellInCharge(trx, { type: 'group_leave', groupId, data }, people, now);
  });
}

/** A member or invited person by name. @throws MahiloError NOT_FOUND */
export async function memberNamed(
  trx: Transaction<Schema>,
  groupId: string,
  username: string,
): Promise<{ member: Membership; name: string }> {
  const user = await findAnyUser(trx, username);
  const member = user && (await findMembership(trx, groupId, user.id));
  if (member === undefined) throw new MahiloError('NOT_FOUND', 'The group has no such member.');
  return { member, name: user?.username ?? username };
}

/** Deletes a group on its owner's behalf. @throws MahiloError NOT_FOUND, FORBIDDEN */
export async function deleteGroup({ db, clock }: ApiDeps, user: Caller, groupId: string): Promise<void> {
  const now = clock.now();
  await db.write(user, async (trx) => {
    const own = await requireRole(trx, groupId, user.id, ['owner']);
    await endGroup(trx, groupOf(own), user.id, now);
  });
}

function left({ group_id, group_name, status }: Membership, username: string) {
  return { group_id, group_name, username, was: status };
}

function groupOf({ group_id, group_name }: Membership) {
  return { id: group_id, name: group_name };
}
