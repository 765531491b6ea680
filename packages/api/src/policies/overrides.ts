import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import { findOwnAgent } from '../agents/connections.ts';
import type { ApiDeps } from '../deps.ts';
import { parseTime } from '../http/since.ts';
import { storePolicy } from './manage.ts';
import type { NewOverride } from './override-schemas.ts';
import { OVERRIDE_NOTE } from './rules.ts';
import { DEFAULT_SELECTORS, normalSelectors } from './selectors.ts';
import { newTerms, type Terms } from './terms.ts';

/** An override decides before most policies of its scope and effect. */
const DEFAULT_PRIORITY = 90;

/**
 * Stores an override: a policy for one time, for a while, or for good. @returns its id.
 * @throws MahiloError INVALID_OVERRIDE, SENDER_CONNECTION_NOT_FOUND, and as `createPolicy` does
 */
export async function createOverride(deps: ApiDeps, caller: Caller, request: NewOverride): Promise<string> {
  const { kind, reason, sender_connection_id, source_resolution_id } = request;
  const now = deps.clock.now();
  const note = {
    kind,
    reason,
    sender_connection_id,
    created_via: 'plugin.overrides',
    created_at: isoTime(now),
    ...(source_resolution_id !== undefined && { source_resolution_id }),
  };
  const policy = {
    scope: request.scope,
    target_id: request.target_id ?? null,
    derived_from_message_id: request.derived_from_message_id ?? null,
  };
  const terms: Terms = {
    ...newTerms({
      ...policy,
      evaluator: 'structured',
      effect: request.effect ?? 'allow',
      policy_content: { ...request.policy_content, [OVERRIDE_NOTE]: note },
      source: 'override',
      priority: request.priority ?? DEFAULT_PRIORITY,
    }),
    ...DEFAULT_SELECTORS,
    ...normalSelectors(request.selectors, 'selectors'),
    ...lifecycleOf(request, now),
  };
  return storePolicy(deps, caller, policy, terms, async (trx) => {
    const sender = await findOwnAgent(trx, caller.id, sender_connection_id);
    if (sender?.status === 'active') return;
    throw new MahiloError('SENDER_CONNECTION_NOT_FOUND', 'sender_connection_id is no active agent of yours.');
  });
}

/** How often and until when it decides, by its kind. */
function lifecycleOf(
  request: NewOverride,
  now: number,
): Pick<Terms, 'expires_at' | 'max_uses' | 'remaining_uses'> {
  const { kind, max_uses } = request;
  const expires_at = expiryOf(request, now);
  if (kind === 'temporary' && expires_at === null) {
    throw invalidOverride('expires_at', 'or ttl_seconds is required for a temporary override');
  }
  if (kind === 'persistent' && expires_at !== null) {
    throw invalidOverride('expires_at', 'is not for a persistent override');
  }
  if (kind === 'persistent' && max_uses !== undefined) {
    throw invalidOverride('max_uses', 'is not for a persistent override');
  }
  if (kind === 'one_time' && max_uses !== undefined && max_uses !== 1) {
    throw invalidOverride('max_uses', 'is 1 for a one_time override');
  }
  const uses = kind === 'one_time' ? 1 : (max_uses ?? null);
  return { expires_at, max_uses: uses, remaining_uses: uses };
}

function expiryOf({ expires_at, ttl_seconds }: NewOverride, now: number): number | null {
  if (expires_at === undefined) return ttl_seconds === undefined ? null : now + ttl_seconds * 1000;
  if (ttl_seconds !== undefined) throw invalidOverride('ttl_seconds', 'cannot be given beside expires_at');
  const time = parseTime(expires_at);
  if (time === undefined) throw invalidOverride('expires_at', 'must be an ISO 8601 time');
  if (time <= now) throw invalidOverride('expires_at', 'must be in the future');
  return time;
}

function invalidOverride(path: string, message: string): MahiloError {
  return new MahiloError('INVALID_OVERRIDE', `${path} ${message}.`, { details: [{ path, message }] });
}
