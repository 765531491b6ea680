import type { PolicyScope, PolicyType, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  type SelectQueryBuilder,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import type { Page } from '../http/pagination.ts';

export type PolicyRow = Selectable<Schema['policies']>;

/** A literal, since SQLite uses no partial index when its condition is a parameter. */
const IS_OF_GROUP = sql<boolean>`scope = 'group'`;

export async function insertPolicy(
  trx: Transaction<Schema>,
  policy: Insertable<Schema['policies']>,
): Promise<void> {
  await trx.insertInto('policies').values(policy).execute();
}

/** Uses the primary key. */
export async function findPolicy(db: Kysely<Schema>, id: string): Promise<PolicyRow | undefined> {
  return db.selectFrom('policies').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function updatePolicy(
  trx: Transaction<Schema>,
  id: string,
  changes: Updateable<Schema['policies']>,
): Promise<void> {
  await trx.updateTable('policies').set(changes).where('id', '=', id).execute();
}

export async function deletePolicy(trx: Transaction<Schema>, id: string): Promise<void> {
  await trx.deleteFrom('policies').where('id', '=', id).execute();
}

/** How many policies a group has, and of how many bytes. Uses policies_by_group. */
export const weightOfGroup = statement<[groupId: string], { count: number; bytes: number }>(`
  select count(*) as count, coalesce(sum(octet_length(content)), 0) as bytes from policies
  where scope = 'group' and target_id = ?`);

export interface PolicyFilter {
  scope: PolicyScope | undefined;
  targetIds: readonly string[] | undefined;
}

/**
 * A page of the policies that bind a user: their own (uses policies_by_user), and those of the groups that they are a
 * member of (uses group_members_by_user and policies_by_group). Newest first.
 */
export async function listPolicies(
  db: Kysely<Schema>,
  userId: string,
  { scope, targetIds }: PolicyFilter,
  page: Page,
): Promise<PolicyRow[]> {
  // Their ids alone first: only those of the page are read whole.
  const policyIds = () =>
    db
      .selectFrom('policies')
      .select('policies.id')
      .$if(targetIds !== undefined, (query) => query.where('target_id', 'in', targetIds ?? []))
      .$if(page.after !== undefined, (query) => query.where('policies.id', '<', page.after ?? ''))
      .orderBy('policies.id', 'desc')
      .limit(page.limit + 1);
  const ownIds = policyIds()
    .where('user_id', '=', userId)
    .where('scope', '<>', 'group')
    .$if(scope !== undefined, (query) => query.where('scope', '=', scope ?? 'global'));
  const idsOfGroups = policyIds()
    .where(IS_OF_GROUP)
    .where('target_id', 'in', (groups) =>
      groups
        .selectFrom('group_members')
        .select('group_id')
        .where('group_members.user_id', '=', userId)
        .where('status', '=', 'active'),
    );
  const own = await withIds(db, ownIds);
  const ofGroups = scope === undefined || scope === 'group' ? await withIds(db, idsOfGroups) : [];
  return [...own, ...ofGroups].sort((one, other) => (one.id < other.id ? 1 : -1));
}

async function withIds(
  db: Kysely<Schema>,
  ids: SelectQueryBuilder<Schema, 'policies', { id: string }>,
): Promise<PolicyRow[]> {
  return db.selectFrom('policies').selectAll().where('id', 'in', ids).execute();
}

type PolicyInForce = Pick<PolicyRow, 'id' | 'scope' | 'priority' | 'created_at' | 'content'>;

const IN_FORCE = `
  select id, scope, priority, created_at, content from policies
  where enabled = 1 and policy_type = '${'heuristic' satisfies PolicyType}'`;

/** The heuristic policies for a message to a user. Uses policies_by_target. */
export const policiesToUser = statement<
  [senderId: string, senderIdAgain: string, recipient: string],
  PolicyInForce
>(`
  ${IN_FORCE} and user_id = ? and scope = 'global'
  union all ${IN_FORCE} and user_id = ? and scope = 'user'
    and target_id = (select id from users where username = ?)`);

/** The heuristic policies for a message to a group. Uses policies_by_target and policies_by_group. */
export const policiesToGroup = statement<[senderId: string, groupId: string], PolicyInForce>(`
  ${IN_FORCE} and user_id = ? and scope = 'global'
  union all ${IN_FORCE} and scope = 'group' and target_id = ?`);
