import type { PolicyEvaluator, PolicyScope, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { each } from '@mahilo/shared/db/words/rows';
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
import { type Selectors, selects } from './selectors.ts';

export type PolicyRow = Selectable<Schema['policies']>;

/** A policy, and what whoever it is for is called. */
export type ListedPolicy = PolicyRow & { target_name: string | null };

/** A literal, since SQLite uses no partial index when its condition is a parameter. */
const IS_OF_GROUP = sql<boolean>`scope = 'group'`;

export async function insertPolicy(
  trx: Transaction<Schema>,
  policy: Insertable<Schema['policies']>,
): Promise<void> {
  await trx.insertInto('policies').values(policy).execute();
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
): Promise<ListedPolicy[]> {
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
): Promise<ListedPolicy[]> {
  return named(db).where('policies.id', 'in', ids).execute();
}

/** With the names of their targets. Uses the primary keys. */
function named(db: Kysely<Schema>) {
  return db
    .selectFrom('policies')
    .leftJoin('users', 'users.id', 'policies.target_id')
    .leftJoin('groups', 'groups.id', 'policies.target_id')
    .selectAll('policies')
    .select(({ fn }) => fn.coalesce('users.username', 'groups.name').as('target_name'));
}

/** A policy, whoever it binds. Uses the primary keys. */
export async function findPolicy(db: Kysely<Schema>, id: string): Promise<ListedPolicy | undefined> {
  return named(db).where('policies.id', '=', id).executeTakeFirst();
}

/** A policy with rules, as it is read to judge a message. */
export type PolicyInForce = Pick<PolicyRow, (typeof JUDGED_COLUMNS)[number]>;

const JUDGED_COLUMNS = [
  'id',
  'scope',
  'effect',
  'evaluator',
  'direction',
  'resource',
  'action',
  'source',
  'effective_from',
  'expires_at',
  'max_uses',
  'priority',
  'created_at',
  'content',
] as const satisfies readonly (keyof PolicyRow)[];

/** The registry has no model for prompts. */
const IN_FORCE = `
  select ${JUDGED_COLUMNS.join(', ')} from policies
  where enabled = 1 and evaluator <> '${'llm' satisfies PolicyEvaluator}' and remaining_uses is distinct from 0`;

/** Whether a user has written any policy. Uses policies_by_user. */
export const anyPolicyOf = statement<[userId: string], { one: 1 }>(
  'select 1 as one from policies where user_id = ? limit 1',
);

/** Somebody to whom a message goes, and the roles that its sender has given them. */
export interface Recipient {
  id: string;
  roles: readonly string[];
}

/** The policies with rules for a message to a user. Uses policies_by_target. */
export async function policiesToUser(
  db: Kysely<Schema>,
  senderId: string,
  { id, roles }: Recipient,
): Promise<PolicyInForce[]> {
  return ownPolicies(db, senderId, senderId, id, senderId, JSON.stringify(roles));
}

const ownPolicies = statement<
  [senderId: string, senderIdAgain: string, recipientId: string, senderIdOnceMore: string, roles: string],
  PolicyInForce
>(
  (words) => `
  ${IN_FORCE} and user_id = ? and scope = 'global'
  union all ${IN_FORCE} and user_id = ? and scope = 'user' and target_id = ?
  union all ${IN_FORCE} and user_id = ? and scope = 'role' and target_id in (select value from ${each(words)})`,
);

/** The policies with rules for a message to a group. Uses policies_by_target and policies_by_group. */
export const policiesToGroup = statement<[senderId: string, groupId: string], PolicyInForce>(`
  ${IN_FORCE} and user_id = ? and scope = 'global'
  union all ${IN_FORCE} and scope = 'group' and target_id = ?`);

/** A policy with rules, though its uses may be used up. Uses the primary key. */
export const usedPolicy = statement<[id: string], PolicyInForce>(`
  select ${JUDGED_COLUMNS.join(', ')} from policies
  where enabled = 1 and evaluator <> '${'llm' satisfies PolicyEvaluator}' and id = ?`);

/** Whether a policy applies at this time (ms), and to what it is for. */
export function applies(
  policy: Pick<PolicyRow, 'effective_from' | 'expires_at' | 'direction' | 'resource' | 'action'>,
  selectors: Selectors,
  now: number,
): boolean {
  const { effective_from: from, expires_at: until } = policy;
  return (from === null || from <= now) && (until === null || now < until) && selects(policy, selectors);
}

/** Whether a policy with a number of uses could still decide at this time (ms). Uses the primary key. */
export async function isUsable(trx: Transaction<Schema>, id: string, now: number): Promise<boolean> {
  return (await usable(trx, id, now)).length > 0;
}

const USABLE = 'id = ? and enabled = 1 and remaining_uses > 0 and coalesce(expires_at > ?, true)';

const usable = statement<[id: string, now: number], { id: string }>(
  `select id from policies where ${USABLE}`,
);

/**
 * Takes one use of a policy that has a number of them, in the transaction of what it decided about. Uses the primary key.
 * @returns false when none is left.
 */
export async function takeUse(trx: Transaction<Schema>, id: string, now: number): Promise<boolean> {
  return (await takenUse(trx, now, id, now)).length > 0;
}

const takenUse = statement<[usedAt: number, id: string, now: number], { id: string }>(`
  update policies set remaining_uses = remaining_uses - 1, updated_at = ? where ${USABLE} returning id`);

/** Whether a user has sent a message, or was sent it. Uses the primary key, and outbox_by_message. */
export async function hasSeenMessage(db: Kysely<Schema>, userId: string, id: string): Promise<boolean> {
  return (await seenMessage(db, id, userId, userId)).length > 0;
}

const seenMessage = statement<[id: string, senderId: string, recipientId: string], { id: string }>(`
  select id from messages where id = ? and (sender_id = ? or exists (
    select 1 from outbox where message_id = messages.id and recipient_id = ?))`);
