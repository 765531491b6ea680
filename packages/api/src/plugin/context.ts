import type { User } from '@mahilo/shared/accounts/users';
import { findProfile } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { HELD_STATES } from '@mahilo/shared/decisions/held';
import { findOwn } from '../agents/connections.ts';
import type { ApiDeps } from '../deps.ts';
import { friendNamed } from '../friends/contacts.ts';
import { rolesOf } from '../friends/friend-roles.ts';
import { findBetween } from '../friends/friendships.ts';
import { sendSelectors } from '../policies/selectors.ts';
import { policiesFor } from './applicable-policies.ts';
import { assertToUser } from './bundles.ts';
import type { ContextRequest } from './context-schemas.ts';
import { CONTRACT_VERSION } from './fields.ts';
import { guidanceOf } from './guidance.ts';
import { listUnsent, type Unsent } from './held.ts';
import { recentInteractions } from './interactions.ts';
import { senderConnection } from './sender-connection.ts';

const DEFAULT_INTERACTIONS = 5;
/** Decisions that are looked at to find those about one person, and that are shown. */
const LOOKED_AT = 100;
const SHOWN = 5;

/**
 * What an agent should know before it writes to a friend. Writes nothing.
 * @throws MahiloError UNSUPPORTED_RECIPIENT_TYPE, INVALID_SELECTOR, SENDER_CONNECTION_NOT_FOUND, USER_NOT_FOUND, NOT_FRIENDS
 */
export async function promptContext(deps: ApiDeps, user: User, request: ContextRequest) {
  assertToUser(request);
  const { kysely } = deps.db;
  const now = deps.clock.now();
  const selectors = sendSelectors({
    ...request,
    declared_selectors: request.draft_selectors ?? request.declared_selectors ?? {},
  });
  const connection = await senderConnection(kysely, user.id, request.sender_connection_id);
  const friend = await friendNamed(kysely, user.id, request.recipient);
  const friendship = await findBetween(kysely, user.id, friend.id);
  const roles = (await rolesOf(kysely, user.id, [friendship?.id ?? ''])).get(friendship?.id ?? '') ?? [];
  const policies = await policiesFor(kysely, user.id, friend.id, { selectors, now });
  const page = { after: undefined, limit: LOOKED_AT };
  const unsent = await listUnsent(kysely, user.id, [...HELD_STATES, 'denied'], page, now);
  const profile = await findProfile(kysely, friend.id);
  const own = await findOwn(kysely, user.id, connection.id);
  const { include_recent_interactions: wantsInteractions = true, interaction_limit = DEFAULT_INTERACTIONS } =
    request;
  return {
    contract_version: CONTRACT_VERSION,
    policy_guidance: {
      ...guidanceOf(policies, roles),
      relevant_decisions: unsent.rows
        .filter(({ recipient_id }) => recipient_id === friend.id)
        .slice(0, SHOWN)
        .map(toDecision),
    },
    recipient: {
      connected_since: friendship === undefined ? null : isoTime(friendship.since),
      display_name: profile.display_name,
      id: friend.id,
      relationship: 'friend' as const,
      roles,
      username: friend.username,
    },
    recent_interactions: wantsInteractions
      ? await recentInteractions(kysely, user.id, friend.id, interaction_limit)
      : [],
    sender_connection: { framework: connection.framework, id: connection.id, label: own?.label ?? '' },
    suggested_selectors: selectors,
  };
}

function toDecision(row: Unsent) {
  const { direction, resource, action } = row;
  return {
    decision: row.decision,
    direction: 'outbound' as const,
    message_id: row.message_id,
    reason_code: row.reason_code,
    selectors: { direction, resource, action },
    status: row.state === 'denied' ? 'rejected' : row.state,
    timestamp: isoTime(row.created_at),
  };
}
