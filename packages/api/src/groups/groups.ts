import type { GroupRole, MembershipStatus, Schema } from '@mahilo/shared/db/schema';
import { equalsIgnoringCase } from '@mahilo/shared/db/words/rows';
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely';
import type { Page } from '../http/pagination.ts';

/** @returns false when a group has the name, or had it. Uses groups_by_name and groups_ended_by_name. */
export async function insertGroup(
  trx: Transaction<Schema>,
  group: Insertable<Schema['groups']>,
): Promise<boolean> {
  const ended = await trx
    .selectFrom('groups')
    .select('id')
    .where(equalsIgnoringCase('name', group.name))
    .where('deleted_at', 'is not', null)
    .executeTakeFirst();
  if (ended !== undefined) return false;
  const result = await trx
    .insertInto('groups')
    .values(group)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export interface Group {
  id: string;
  name: string;
  invite_only: number;
}

/** A group that is not deleted. Uses the primary key. */
export async function findGroup(db: Kysely<Schema>, id: string): Promise<Group | undefined> {
  return db
    .selectFrom('groups')
    .select(['id', 'name', 'invite_only'])
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** A group that is not deleted, by its name, without case. Uses groups_by_name. */
export async function findGroupNamed(db: Kysely<Schema>, name: string): Promise<Group | undefined> {
  return db
    .selectFrom('groups')
    .select(['id', 'name', 'invite_only'])
    .where(equalsIgnoringCase('name', name))
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** A group as a member or an invited person sees it. */
export interface ListedGroup extends Group {
  description: string | null;
  role: GroupRole;
  status: MembershipStatus;
  member_count: number;
  created_at: number;
}

/** A user's groups. Uses group_members_by_user, and group_members_active to count. */
function groupsOf(db: Kysely<Schema>, userId: string) {
  return db
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select([
      'groups.id',
      'name',
      'description',
      'invite_only',
      'role',
      'status',
      'groups.created_at',
      sql<number>`(select count(*) from group_members as member
        where member.group_id = groups.id and member.status = 'active')`.as('member_count'),
    ])
    .where('group_members.user_id', '=', userId);
}

/** The groups that a user is a member of, is invited to, or both, newest first. */
export async function listGroups(
  db: Kysely<Schema>,
  userId: string,
  status: MembershipStatus | undefined,
  page: Page,
): Promise<ListedGroup[]> {
  return groupsOf(db, userId)
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'active'))
    .$if(page.after !== undefined, (query) => query.where('group_members.group_id', '<', page.after ?? ''))
    .orderBy('group_members.group_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

/** A group that the user is a member of or invited to. */
export async function findOwnGroup(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<ListedGroup | undefined> {
  return groupsOf(db, userId).where('group_members.group_id', '=', id).executeTakeFirst();
}
