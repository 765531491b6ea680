import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertFits, assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { findMembership } from '../groups/members.ts';
import { assertPolicyContent } from './content.ts';
import {
  deletePolicy,
  findPolicy,
  insertPolicy,
  type PolicyRow,
  updatePolicy,
  weightOfGroup,
} from './policies.ts';
import type { NewPolicy, PolicyChanges } from './schemas.ts';
import { targetOf } from './targets.ts';

/**
 * Stores a policy. @returns its id.
 * @throws MahiloError INVALID_POLICY, INVALID_POLICY_CONTENT, USER_NOT_FOUND, GROUP_NOT_FOUND, NOT_MEMBER, FORBIDDEN,
 *   QUOTA_EXCEEDED
 */
export async function createPolicy(deps: ApiDeps, user: Caller, request: NewPolicy): Promise<string> {
  const { db, clock, newId } = deps;
  assertTargetFits(request);
  assertPolicyContent(request.policy_type, request.policy_content);
  const policy: PolicyRow = {
    id: newId('pol'),
    user_id: user.id,
    scope: request.scope,
    target_id: request.target_id ?? null,
    policy_type: request.policy_type,
    content: request.policy_content,
    priority: request.priority ?? 0,
    enabled: Number(request.enabled ?? true),
    created_at: clock.now(),
  };
  await db.write(user, async (trx) => {
    policy.target_id = await targetOf(trx, user.id, policy.scope, policy.target_id);
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

function assertTargetFits({ scope, target_id }: NewPolicy): void {
  if ((scope === 'global') === (target_id === undefined)) return;
  const message = scope === 'global' ? 'is not for a global policy' : `is required for scope ${scope}`;
  throw new MahiloError('INVALID_POLICY', `target_id ${message}.`, {
    details: [{ path: 'target_id', message }],
  });
}

/** @throws MahiloError NOT_FOUND, FORBIDDEN, INVALID_POLICY_CONTENT, QUOTA_EXCEEDED */
export async function changePolicy(
  deps: ApiDeps,
  user: Caller,
  id: string,
  changes: PolicyChanges,
): Promise<void> {
  const { db } = deps;
  const { policy_content: content, priority, enabled } = changes;
  const { policy_type } = await policyToChange(db.kysely, user.id, id);
  // Before the transaction, since compiling patterns takes time.
  if (content !== undefined) assertPolicyContent(policy_type, content);
  await db.write(user, async (trx) => {
    const policy = await policyToChange(trx, user.id, id);
    const bytes = Buffer.byteLength(content ?? policy.content) - Buffer.byteLength(policy.content);
    await assertRoomFor(deps, trx, policy, { policies: 0, bytes });
    await updatePolicy(trx, id, {
      content: content ?? policy.content,
      priority: priority ?? policy.priority,
      enabled: Number(enabled ?? policy.enabled),
    });
  });
}

/** @throws MahiloError NOT_FOUND, FORBIDDEN */
export async function removePolicy({ db }: ApiDeps, user: Caller, id: string): Promise<void> {
  await db.write(user, async (trx) => {
    await policyToChange(trx, user.id, id);
    await deletePolicy(trx, id);
  });
}

/** A policy that the user may change: their own, or one of a group that they run. */
async function policyToChange(db: Kysely<Schema>, userId: string, id: string): Promise<PolicyRow> {
  const policy = await findPolicy(db, id);
  const own =
    policy?.scope === 'group' ? await findMembership(db, policy.target_id ?? '', userId) : undefined;
  const isVisible = policy?.scope === 'group' ? own?.status === 'active' : policy?.user_id === userId;
  if (policy === undefined || !isVisible) {
    throw new MahiloError('NOT_FOUND', 'You have no policy with this id.');
  }
  if (own?.role === 'member') {
    throw new MahiloError('FORBIDDEN', 'Only owner and admin of the group change its policies.');
  }
  return policy;
}
