import { invalidField, MahiloError } from '@mahilo/shared/errors';
import { parseTime } from '../http/since.ts';
import { assertPolicyContent, invalidContent } from './content.ts';
import type { PolicyRow } from './policies.ts';
import { isUnconditional, parseRules } from './rules.ts';
import type { NewPolicy, PolicyChanges } from './schemas.ts';
import { normalSelectors } from './selectors.ts';

/** What a policy says, and for how long. */
export type Terms = Pick<
  PolicyRow,
  | 'evaluator'
  | 'effect'
  | 'direction'
  | 'resource'
  | 'action'
  | 'content'
  | 'priority'
  | 'enabled'
  | 'source'
  | 'effective_from'
  | 'expires_at'
  | 'max_uses'
  | 'remaining_uses'
>;

/**
 * The terms of a new policy. It denies, and is for whatever is sent, where the request does not say otherwise.
 * @throws MahiloError INVALID_REQUEST, INVALID_SELECTOR, INVALID_POLICY, INVALID_POLICY_CONTENT
 */
export function newTerms(request: NewPolicy): Terms {
  const evaluator = evaluatorOf(request);
  if (evaluator === undefined) throw invalidField('policy_type', 'or evaluator is required');
  const terms: Terms = {
    evaluator,
    effect: 'deny',
    direction: null,
    resource: null,
    action: null,
    content: '',
    priority: 0,
    enabled: 1,
    source: request.source ?? 'user_created',
    effective_from: null,
    expires_at: null,
    max_uses: null,
    remaining_uses: null,
  };
  const asked = changedTerms(terms, request);
  assertGivenContent(asked, request, request.effect !== undefined);
  return asked;
}

/**
 * The terms after a change; see {@link assertContent} for the content.
 * @throws MahiloError INVALID_REQUEST, INVALID_SELECTOR, INVALID_POLICY
 */
export function changedTerms(before: Terms, changes: PolicyChanges): Terms {
  const { policy_content: given = before.content } = changes;
  const { direction, resource, action } = { ...before, ...selectorsOf(changes) };
  const max_uses = changes.max_uses === undefined ? before.max_uses : changes.max_uses;
  const terms: Terms = {
    evaluator: evaluatorOf(changes) ?? before.evaluator,
    effect: changes.effect ?? before.effect,
    direction,
    resource,
    action,
    content: typeof given === 'string' ? given : JSON.stringify(given),
    priority: changes.priority ?? before.priority,
    enabled: changes.enabled === undefined ? before.enabled : Number(changes.enabled),
    // Who gives an effect knows of effects.
    source: before.source === 'legacy_migrated' && changes.effect ? 'user_created' : before.source,
    effective_from: timeOf('effective_from', changes, before),
    expires_at: timeOf('expires_at', changes, before),
    max_uses,
    remaining_uses: remainingOf(before, changes, max_uses),
  };
  assertSpan(terms);
  return terms;
}

/**
 * Checks the content where it is new. Rules may concern every message where that was said before, or an effect is given.
 * It takes time: not in a transaction.
 * @throws MahiloError INVALID_POLICY_CONTENT
 */
export function assertContent(before: Terms, changes: PolicyChanges, after: Terms): void {
  if (after.content === before.content && after.evaluator === before.evaluator) return;
  assertGivenContent(after, changes, changes.effect !== undefined || isUnconditionalIn(before));
}

function assertGivenContent(terms: Terms, given: PolicyChanges, mayBeUnconditional: boolean): void {
  if (terms.evaluator === 'llm' && typeof given.policy_content === 'object') {
    throw invalidContent([{ path: '', message: 'must be a prompt' }]);
  }
  assertPolicyContent(terms.evaluator, terms.content, mayBeUnconditional);
}

/** @throws MahiloError INVALID_REQUEST when both names are given and differ. */
function evaluatorOf({ evaluator, policy_type }: Pick<PolicyChanges, 'evaluator' | 'policy_type'>) {
  if (evaluator !== undefined && policy_type !== undefined && evaluator !== policy_type) {
    throw invalidField('evaluator', 'is not the same as policy_type');
  }
  return evaluator ?? policy_type;
}

function isUnconditionalIn({ evaluator, content }: Terms): boolean {
  if (evaluator === 'llm') return false;
  const parsed = parseRules(content);
  return 'rules' in parsed && isUnconditional(parsed.rules);
}

/** Those that a request names; null is any. What stands in `selectors` goes before the top level. */
function selectorsOf(changes: PolicyChanges): Partial<Pick<Terms, 'direction' | 'resource' | 'action'>> {
  const given: Partial<Pick<Terms, 'direction' | 'resource' | 'action'>> = {};
  for (const [part, path] of [
    [changes, ''],
    [changes.selectors ?? {}, 'selectors'],
  ] as const) {
    for (const name of ['direction', 'resource', 'action'] as const) {
      if (part[name] === null) given[name] = null;
    }
    Object.assign(given, normalSelectors(part, path));
  }
  return given;
}

function timeOf(name: 'effective_from' | 'expires_at', changes: PolicyChanges, before: Terms): number | null {
  const given = changes[name];
  if (given === undefined) return before[name];
  if (given === null) return null;
  const time = parseTime(given);
  if (time === undefined) throw invalidField(name, 'must be an ISO 8601 time');
  return time;
}

/** A new bound begins afresh, unless the request says how many uses are left of it. */
function remainingOf(before: Terms, changes: PolicyChanges, maxUses: number | null): number | null {
  const { remaining_uses: given } = changes;
  if (maxUses === null) {
    if (typeof given !== 'number') return null;
    throw invalidPolicy('remaining_uses', 'needs max_uses');
  }
  if (typeof given !== 'number') return changes.max_uses === undefined ? before.remaining_uses : maxUses;
  if (given > maxUses) throw invalidPolicy('remaining_uses', 'must not be more than max_uses');
  return given;
}

function assertSpan({ effective_from, expires_at }: Terms): void {
  if (effective_from === null || expires_at === null || effective_from < expires_at) return;
  throw invalidPolicy('expires_at', 'must be later than effective_from');
}

/** What is wrong with a field of a policy. */
export function invalidPolicy(path: string, message: string): MahiloError {
  return new MahiloError('INVALID_POLICY', `${path} ${message}.`, { details: [{ path, message }] });
}
