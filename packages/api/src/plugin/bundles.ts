import type { User } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { requestsFor } from '../bounds/charge-for-group.ts';
import { assertFits } from '../bounds/quota.ts';
import { resolutionId } from '../decisions/resolution-id.ts';
import type { ApiDeps } from '../deps.ts';
import { friendNamed } from '../friends/contacts.ts';
import { countMembers, groupOfMember } from '../groups/members.ts';
import type { PolicyRow } from '../policies/policies.ts';
import { type Selectors, sendSelectors } from '../policies/selectors.ts';
import { type Asked, everyPolicyOf, isFor, policiesFor, policiesOfGroup } from './applicable-policies.ts';
import type { BundleRequest } from './bundle-schemas.ts';
import { type Bundled, bundledPolicies, costOf } from './bundled-policy.ts';
import { CONTRACT_VERSION } from './fields.ts';
import { reachableMembers } from './group-members.ts';
import { senderConnection } from './sender-connection.ts';

/** What bundles tell of their age (ms). Nothing enforces it: a decision is checked when it is committed. */
const VALID_MS = 300_000;

type BundleDeps = Pick<ApiDeps, 'db' | 'clock' | 'random' | 'settings' | 'telemetry'>;

/** Charges the user as for so many requests; `what` says for what. @throws MahiloError RATE_LIMITED */
export type Charge = (requests: number, what: string) => void;

/**
 * What an agent needs to decide for itself about a message to a friend. Writes nothing.
 * @throws MahiloError UNSUPPORTED_RECIPIENT_TYPE, INVALID_SELECTOR, SENDER_CONNECTION_NOT_FOUND, USER_NOT_FOUND, NOT_FRIENDS
 */
export async function directSendBundle(deps: BundleDeps, user: User, request: BundleRequest, charge: Charge) {
  assertToUser(request);
  const { kysely } = deps.db;
  const frame = await bundleFrame(deps, user, request);
  const friend = await friendNamed(kysely, user.id, request.recipient);
  const { asked, bundled } = askedOf(deps, frame.selector_context);
  const policies = await policiesFor(kysely, user.id, friend.id, asked);
  charge(costOf(policies), 'A bundle of so many policies');
  const offered = await bundledPolicies(policies, bundled);
  return {
    ...frame,
    bundle_type: 'direct_send' as const,
    recipient: { id: friend.id, type: 'user' as const, username: friend.username },
    applicable_policies: [...offered.values()],
    llm: llmFor(friend),
  };
}

/**
 * What an agent needs to decide for itself about a message to each member of a group. Writes nothing.
 * @throws MahiloError as {@link directSendBundle} does but for friends, and GROUP_NOT_FOUND, NOT_MEMBER, QUOTA_EXCEEDED
 */
export async function groupFanoutBundle(
  deps: BundleDeps,
  user: User,
  request: BundleRequest,
  charge: Charge,
) {
  if (request.recipient_type === 'user') throw unsupportedRecipient('group');
  const { kysely } = deps.db;
  const frame = await bundleFrame(deps, user, request);
  const group = await groupOfMember(kysely, request.recipient, user.id);
  const { asked, bundled } = askedOf(deps, frame.selector_context, [group.id, group.name.toLowerCase()]);
  const overlay = await policiesOfGroup(kysely, group.id, asked);
  const own = await everyPolicyOf(kysely, user.id, asked);
  const count = await countMembers(kysely, group.id);
  charge(requestsFor(count) + costOf([...overlay, ...own]), `A bundle for ${count} members`);
  const offered = await bundledPolicies([...overlay, ...own], bundled);
  const reachable = await reachableMembers(kysely, user.id, user.id, user.id, group.id, user.id);
  const size = new BundleSize(deps);
  const members = reachable.map(({ id, username, roles: given }) => {
    const roles = given === null ? [] : given.split(' ');
    const policies = own.filter((policy) => isFor(policy, { id, roles }));
    size.add(policies);
    return {
      recipient: { id, type: 'user' as const, username },
      roles,
      resolution_id: `${frame.bundle_metadata.resolution_id}_${id}`,
      member_applicable_policies: policies.flatMap((policy) => offered.get(policy) ?? []),
      llm: llmFor({ username }),
    };
  });
  return {
    ...frame,
    bundle_type: 'group_fanout' as const,
    group: { id: group.id, type: 'group' as const, name: group.name, member_count: members.length },
    aggregate_metadata: AGGREGATE,
    group_overlay_policies: overlay.flatMap((policy) => offered.get(policy) ?? []),
    members,
  };
}

/** Refuses a bundle that would be too large: each member has policies of their own, mostly the same. */
class BundleSize {
  readonly #deps: BundleDeps;
  #bytes = 0;

  constructor(deps: BundleDeps) {
    this.#deps = deps;
  }

  /** Adds a member. @throws MahiloError QUOTA_EXCEEDED */
  add(policies: readonly PolicyRow[]): void {
    this.#bytes += MEMBER_BYTES;
    for (const { content } of policies) this.#bytes += POLICY_BYTES + content.length;
    assertFits(this.#deps, 'bundle_bytes', this.#bytes, 0);
  }
}

/** About what a member, and a policy without its content, take in a bundle. */
const MEMBER_BYTES = 300;
const POLICY_BYTES = 500;

/** Existing clients read these words. */
const AGGREGATE = {
  fanout_mode: 'per_recipient',
  mixed_decision_priority: ['allow', 'ask', 'deny'] as ('allow' | 'ask' | 'deny')[],
  partial_reason_code: 'policy.partial.group_fanout',
  empty_group_summary: 'No active recipients in group.',
  partial_summary_template:
    'Partial group delivery: {delivered} delivered, {pending} pending, {denied} denied, {review_required} review-required, {failed} failed.',
  policy_evaluation_mode: 'group_outbound_fanout',
};

function askedOf(
  { clock, settings }: BundleDeps,
  selectors: Selectors,
  groupNames: readonly string[] = [],
): { asked: Asked; bundled: Bundled } {
  return {
    asked: { selectors, now: clock.now() },
    bundled: { direction: selectors.direction, groupNames, isTrusted: settings.TRUSTED_MODE },
  };
}

/** What all bundles have. */
async function bundleFrame({ db, clock, random }: BundleDeps, user: User, request: BundleRequest) {
  const selector_context = sendSelectors(request);
  const connection = await senderConnection(db.kysely, user.id, request.sender_connection_id);
  const now = clock.now();
  return {
    contract_version: CONTRACT_VERSION,
    bundle_metadata: {
      bundle_id: resolutionId('bundle', random),
      resolution_id: resolutionId('res', random),
      issued_at: isoTime(now),
      expires_at: isoTime(now + VALID_MS),
    },
    authenticated_identity: { sender_user_id: user.id, sender_connection_id: connection.id },
    selector_context,
  };
}

function llmFor({ username }: Pick<User, 'username'>) {
  return { subject: username, provider_defaults: null };
}

/** @throws MahiloError UNSUPPORTED_RECIPIENT_TYPE */
export function assertToUser({ recipient_type }: { recipient_type?: string }): void {
  if (recipient_type === 'group') throw unsupportedRecipient('user');
}

function unsupportedRecipient(wanted: string): MahiloError {
  return new MahiloError('UNSUPPORTED_RECIPIENT_TYPE', `recipient_type must be ${wanted} here.`);
}
