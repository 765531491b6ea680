import type { User } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { resolutionId } from '../decisions/resolution-id.ts';
import type { ApiDeps } from '../deps.ts';
import { friendNamed } from '../friends/contacts.ts';
import { sendSelectors } from '../policies/selectors.ts';
import { policiesFor } from './applicable-policies.ts';
import type { BundleRequest } from './bundle-schemas.ts';
import { bundledPolicy } from './bundled-policy.ts';
import { CONTRACT_VERSION } from './fields.ts';
import { senderConnection } from './sender-connection.ts';

/** What bundles tell of their age (ms). Nothing enforces it: a decision is checked when it is committed. */
const VALID_MS = 300_000;

type BundleDeps = Pick<ApiDeps, 'db' | 'clock' | 'random'>;

/**
 * What an agent needs to decide for itself about a message to a friend. Writes nothing.
 * @throws MahiloError UNSUPPORTED_RECIPIENT_TYPE, INVALID_SELECTOR, SENDER_CONNECTION_NOT_FOUND, USER_NOT_FOUND, NOT_FRIENDS
 */
export async function directSendBundle(deps: BundleDeps, user: User, request: BundleRequest) {
  assertToUser(request);
  const { kysely } = deps.db;
  const frame = await bundleFrame(deps, user, request);
  const friend = await friendNamed(kysely, user.id, request.recipient);
  const asked = { selectors: frame.selector_context, now: deps.clock.now() };
  const policies = await policiesFor(kysely, user.id, friend.id, asked);
  return {
    ...frame,
    bundle_type: 'direct_send' as const,
    recipient: { id: friend.id, type: 'user' as const, username: friend.username },
    applicable_policies: policies.map((policy) => bundledPolicy(policy, asked.selectors.direction)),
    llm: llmFor(friend),
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

function llmFor({ username }: User) {
  return { subject: username, provider_defaults: null };
}

/** @throws MahiloError UNSUPPORTED_RECIPIENT_TYPE */
export function assertToUser({ recipient_type }: { recipient_type?: string }): void {
  if (recipient_type !== 'group') return;
  throw new MahiloError('UNSUPPORTED_RECIPIENT_TYPE', 'recipient_type must be user here.');
}
