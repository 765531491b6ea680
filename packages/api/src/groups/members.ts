import type { GroupRole, MembershipStatus, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely';
import type { Page } from '../http/pagination.ts';
import { findGroup, type Group } from './groups.ts';

/** A member, or an invited person. */
export interface Membership {
  id: string;
  group_id: string;
  group_name: string;
  user_id: string;
  role: GroupRole;
  status: MembershipStatus;
}

/** A user's membership of a group, if there is one. Uses group_members_by_user. */
export async function findMembership(
  db: Kysely<Schema>,
  groupId: string,
  userId: string,
): Promise<Membership | undefined> {
  return db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select(['group_members.id', 'group_id', 'groups.name as group_name', 'user_id', 'role', 'status'])
    .where('user_id', '=', userId)
    .where('group_id', '=', groupId)
    .executeTakeFirst();
}

/** A group, for one of its members. @throws MahiloError GROUP_NOT_FOUND, NOT_MEMBER */
export async function groupOfMember(db: Kysely<Schema>, groupId: string, userId: string): Promise<Group> {
  const group = await findGroup(db, groupId);
  if (group === undefined) throw new MahiloError('GROUP_NOT_FOUND', 'There is no such group.');
  const own = await findMembership(db, group.id, userId);
  if (own?.status === 'active') return group;
  throw new MahiloError('NOT_MEMBER', 'You are not a member of this group.');
}

export async function insertMembership(
  trx: Transaction<Schema>,
  membership: Insertable<Schema['group_members']>,
): Promise<void> {
  await trx.insertInto('group_members').values(membership).execute();
}

/** Turns an invitation into a membership. */
export async function acceptInvitation(trx: Transaction<Schema>, id: string, now: number): Promise<void> {
  await trx
    .updateTable('group_members')
    .set({ status: 'active', joined_at: now })
    .where('id', '=', id)
    .execute();
}

export async function setRole(trx: Transaction<Schema>, id: string, role: GroupRole): Promise<void> {
  await trx.updateTable('group_members').set({ role }).where('id', '=', id).execute();
}

export async function deleteMembership(trx: Transaction<Schema>, id: string): Promise<void> {
  await trx.deleteFrom('group_members').where('id', '=', id).execute();
}

/** Invited people do not count. Uses group_members_active. */
export async function countMembers(db: Kysely<Schema>, groupId: string): Promise<number> {
  const { count } = await db
    .selectFrom('group_members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('group_id', '=', groupId)
    .where('status', '=', sql.lit('active'))
    .executeTakeFirstOrThrow();
  return count;
}

export interface ListedMember {
  id: string;
  user_id: string;
  username: string;
  display_name: string | null;
  role: GroupRole;
  status: MembershipStatus;
  joined_at: number | null;
}

/** Members and invited people, newest first. Uses group_members_by_group. */
export async function listMembers(db: Kysely<Schema>, groupId: string, page: Page): Promise<ListedMember[]> {
  return db
    .selectFrom('group_members')
    .innerJoin('users', 'users.id', 'group_members.user_id')
    .select(['group_members.id', 'user_id', 'username', 'display_name', 'role', 'status', 'joined_at'])
    .where('group_id', '=', groupId)
    .$if(page.after !== undefined, (query) => query.where('group_members.id', '<', page.after ?? ''))
    .orderBy('group_members.id', 'desc')
    .limit(page.limit + 1)
    .execute();
}
