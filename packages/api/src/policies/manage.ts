import type { GroupRole, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertFits, assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { findMembership } from '../groups/members.ts';
import {
  deletePolicy,
  findPolicy,
  hasSeenMessage,
  insertPolicy,
  type ListedPolicy,
  type PolicyRow,
  updatePolicy,
  weightOfGroup,
} from './policies.ts';
import type { NewPolicy, PolicyChanges } from './schemas.ts';
import { targetOf } from './targets.ts';
import { assertContent, changedTerms, invalidPolicy, newTerms, type Terms } from './terms.ts';

/**
 * Stores a policy. @returns its id.
 * @throws MahiloError INVALID_POLICY, INVALID_POLICY_CONTENT, USER_NOT_FOUND, GROUP_NOT_FOUND, NOT_MEMBER, FORBIDDEN,
 *   QUOTA_EXCEEDED
 */
export async function createPolicy(deps: ApiDeps, user: Caller, request: NewPolicy): Promise<string> {
  return storePolicy(deps, user, request, newTerms(request));
}

/** What of a new policy is not in its terms. */
type Target = Pick<NewPolicy, 'scope' | 'target_id' | 'derived_from_message_id' | 'learning_provenance'>;

/** Stores a policy with these terms. @throws as {@link createPolicy} */
export async function storePolicy(
  deps: ApiDeps,
  user: Caller,
  target: Target,
  terms: Terms,
  alsoAssert: (trx: Transaction<Schema>) => Promise<void> = async () => undefined,
): Promise<string> {
  assertTargetFits(target);
  const { learning_provenance: learning } = target;
  const policy: PolicyRow = {
    ...terms,
    id: deps.newId('pol'),
    user_id: user.id,
    scope: target.scope,
    target_id: target.target_id ?? null,
    derived_from_message_id: target.derived_from_message_id ?? null,
    learning_provenance_json: learning ? JSON.stringify(provenanceOf(learning)) : null,
    created_at: deps.clock.now(),
    updated_at: null,
  };
  await deps.db.write(user, async (trx) => {
    await alsoAssert(trx);
    policy.target_id = await targetOf(trx, user.id, policy.scope, policy.target_id);
    await assertSources(trx, user.id, policy, learning?.promoted_from_policy_ids);
    await assertRoomFor(deps, trx, policy, { policies: 1, bytes: Buffer.byteLength(policy.content) });
    await insertPolicy(trx, policy);
  });
  return policy.id;
}

/**
 * One message may need all policies of a user or a group, so their number and bytes are bounded.
 * @throws MahiloError QUOTA_EXCEEDED
 */
async function assertRoomFor(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  { user_id, scope, target_id }: PolicyRow,
  more: { policies: number; bytes: number },
): Promise<void> {
  if (more.policies > 0) await assertRoom(deps, trx, 'policies_per_user', user_id, more.policies);
  if (more.bytes > 0) await assertRoom(deps, trx, 'policy_bytes_per_user', user_id, more.bytes);
  if (scope !== 'group') return;
  const [{ count, bytes } = { count: 0, bytes: 0 }] = await weightOfGroup(trx, target_id ?? '');
  if (more.policies > 0) assertFits(deps, 'policies_per_user', count, more.policies);
  if (more.bytes > 0) assertFits(deps, 'policy_bytes_per_user', bytes, more.bytes);
}

/** @throws MahiloError INVALID_POLICY */
export function assertTargetFits({ scope, target_id }: Target): void {
  if ((scope === 'global') === (target_id == null)) return;
  const message = scope === 'global' ? 'is not for a global policy' : `is required for scope ${scope}`;
  throw invalidPolicy('target_id', message);
}

/** What a policy is said to come from must be there, and be the user's to see. */
async function assertSources(
  trx: Transaction<Schema>,
  userId: string,
  { derived_from_message_id: messageId }: PolicyRow,
  policyIds: readonly string[] = [],
): Promise<void> {
  if (messageId !== null && !(await hasSeenMessage(trx, userId, messageId))) {
    throw new MahiloError('SOURCE_MESSAGE_NOT_FOUND', 'derived_from_message_id is no message of yours.');
  }
  for (const [index, id] of policyIds.entries()) {
    if ((await findPolicy(trx, id))?.user_id === userId) continue;
    const path = `learning_provenance.promoted_from_policy_ids.${index}`;
    throw invalidPolicy(path, 'is no policy of yours');
  }
}

/** Without what nobody has asked for. */
function provenanceOf(given: NonNullable<NewPolicy['learning_provenance']>) {
  return {
    source_interaction_id: given.source_interaction_id ?? null,
    promoted_from_policy_ids: given.promoted_from_policy_ids ?? [],
  };
}

/** @throws MahiloError NOT_FOUND, FORBIDDEN, INVALID_POLICY_CONTENT, QUOTA_EXCEEDED */
export async function changePolicy(
  deps: ApiDeps,
  user: Caller,
  id: string,
  changes: PolicyChanges,
): Promise<void> {
  const { db, clock } = deps;
  const seen = await policyToChange(db.kysely, user.id, id);
  // Before the transaction, since compiling patterns takes time.
  assertContent(seen, changes, changedTerms(seen, changes));
  await db.write(user, async (trx) => {
    const policy = await policyToChange(trx, user.id, id);
    const terms = changedTerms(policy, changes);
    const hasChanged = policy.evaluator !== seen.evaluator || policy.content !== seen.content;
    if (hasChanged) assertContent(policy, changes, terms);
    const bytes = Buffer.byteLength(terms.content) - Buffer.byteLength(policy.content);
    await assertRoomFor(deps, trx, policy, { policies: 0, bytes });
    await updatePolicy(trx, id, { ...terms, updated_at: clock.now() });
  });
}

/** @throws MahiloError NOT_FOUND, FORBIDDEN */
export async function removePolicy({ db }: ApiDeps, user: Caller, id: string): Promise<void> {
  await db.write(user, async (trx) => {
    await policyToChange(trx, user.id, id);
    await deletePolicy(trx, id);
  });
}

/** A policy that binds the user: their own, or one of a group that they are in. @throws MahiloError NOT_FOUND */
export async function policyOf(db: Kysely<Schema>, userId: string, id: string): Promise<ListedPolicy> {
  return (await visiblePolicy(db, userId, id)).policy;
}

/** A policy that the user may change: their own, or one of a group that they run. */
async function policyToChange(db: Kysely<Schema>, userId: string, id: string): Promise<PolicyRow> {
  const { policy, role } = await visiblePolicy(db, userId, id);
  if (role === 'member') {
    throw new MahiloError('FORBIDDEN', 'Only owner and admin of the group change its policies.');
  }
  return policy;
}

/** A policy that binds the user, and their role where it is one of a group. */
async function visiblePolicy(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<{ policy: ListedPolicy; role: GroupRole | undefined }> {
  const policy = await findPolicy(db, id);
  const own =
    policy?.scope === 'group' ? await findMembership(db, policy.target_id ?? '', userId) : undefined;
  const isVisible = policy?.scope === 'group' ? own?.status === 'active' : policy?.user_id === userId;
  if (policy === undefined || !isVisible) {
    throw new MahiloError('NOT_FOUND', 'You have no policy with this id.');
  }
  return { policy, role: own?.role };
}
