import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import { applies, type PolicyRow } from '../policies/policies.ts';
import { isUnconditional, parseRules } from '../policies/rules.ts';
import type { Selectors } from '../policies/selectors.ts';

const IN_FORCE = 'select * from policies where enabled = 1 and remaining_uses is distinct from 0';

/** Uses policies_by_target, friendships_by_pair and the primary key of friend_roles. */
const ownPolicies = statement<
  [
    ownerId: string,
    ownerId: string,
    recipientId: string,
    ownerId: string,
    ownerId: string,
    userA: string,
    userB: string,
  ],
  PolicyRow
>(`
  ${IN_FORCE} and user_id = ? and scope = 'global'
  union all ${IN_FORCE} and user_id = ? and scope = 'user' and target_id = ?
  union all ${IN_FORCE} and user_id = ? and scope = 'role' and target_id in (
    select role from friend_roles where owner_id = ? and friendship_id = (
      select id from friendships where user_a = ? and user_b = ? and friendships.status = 'accepted'))`);

/** Uses policies_by_group. */
const groupPolicies = statement<[groupId: string], PolicyRow>(
  `${IN_FORCE} and scope = 'group' and target_id = ?`,
);

/** What policies are asked for. */
export interface Asked {
  selectors: Selectors;
  /** The present time (ms). */
  now: number;
}

/** A user's own policies for a message to another one, the first to look at first. */
export async function policiesFor(
  db: Kysely<Schema>,
  ownerId: string,
  recipientId: string,
  asked: Asked,
): Promise<PolicyRow[]> {
  const [userA, userB] = ownerId < recipientId ? [ownerId, recipientId] : [recipientId, ownerId];
  return applicable(
    await ownPolicies(db, ownerId, ownerId, recipientId, ownerId, ownerId, userA, userB),
    asked,
  );
}

/** A group's policies, which bind all its members, the first to look at first. */
export async function policiesOfGroup(
  db: Kysely<Schema>,
  groupId: string,
  asked: Asked,
): Promise<PolicyRow[]> {
  return applicable(await groupPolicies(db, groupId), asked);
}

/** All that a user has written but policies of groups. Uses policies_by_user. */
const everyOwnPolicy = statement<[ownerId: string], PolicyRow>(
  `${IN_FORCE} and user_id = ? and scope <> 'group'`,
);

/** Somebody for whom policies may be. */
interface Recipient {
  id: string;
  /** The roles that the policies' owner has given. */
  roles: readonly string[];
}

/** A user's own policies for messages to anybody, the first to look at first. */
export async function everyPolicyOf(db: Kysely<Schema>, ownerId: string, asked: Asked): Promise<PolicyRow[]> {
  return applicable(await everyOwnPolicy(db, ownerId), asked);
}

/** Whether somebody's own policy is for messages to this recipient. */
export function isFor({ scope, target_id }: PolicyRow, { id, roles }: Recipient): boolean {
  if (scope === 'user') return target_id === id;
  return scope === 'role' ? roles.includes(target_id ?? '') : scope === 'global';
}

function applicable(policies: readonly PolicyRow[], { selectors, now }: Asked): PolicyRow[] {
  return policies
    .filter((policy) => applies(policy, selectors, now) && !isMute(policy))
    .sort((one, other) => other.priority - one.priority || (one.id < other.id ? -1 : 1));
}

/** From before there were effects, rules without a condition forbade nothing; agents would take them for everything. */
function isMute({ source, evaluator, content }: PolicyRow): boolean {
  if (source !== 'legacy_migrated' || evaluator === 'llm') return false;
  const parsed = parseRules(content);
  return 'rules' in parsed && isUnconditional(parsed.rules);
}
