import type { PolicyRow } from '../policies/policies.ts';
import { parseRules } from '../policies/rules.ts';

const SCOPES = ['user', 'role', 'global'] as const;
const SEVERITY = { deny: 0, ask: 1, allow: 2 } as const;
/** Characters of a prompt, and of all, that a summary has. */
const TOPIC = 60;
const MAX_SUMMARY = 500;

/** What would be decided if each policy matched: what an agent should expect before it has written anything. */
export function guidanceOf(policies: readonly PolicyRow[], roles: readonly string[]) {
  const decisive = SCOPES.map((scope) => strictest(policies.filter((policy) => policy.scope === scope))).find(
    (policy) => policy !== undefined,
  );
  const count = (wanted: PolicyRow['scope']) => policies.filter(({ scope }) => scope === wanted).length;
  return {
    default_decision: decisive?.effect ?? ('allow' as const),
    reason_code:
      decisive === undefined
        ? 'context.allow.no_applicable'
        : `context.${decisive.effect}.${decisive.scope}.${decisive.evaluator}`,
    summary: summaryOf(policies, roles),
    policy_signal: {
      applicable_policy_count: policies.length,
      scope_counts: { global: count('global'), role: count('role'), user: count('user') },
    },
  };
}

/** Deny before ask before allow, then the higher priority, then rules before prompts. */
function strictest(policies: readonly PolicyRow[]): PolicyRow | undefined {
  return policies.toSorted(
    (one, other) =>
      SEVERITY[one.effect] - SEVERITY[other.effect] ||
      other.priority - one.priority ||
      Number(one.evaluator === 'llm') - Number(other.evaluator === 'llm') ||
      (one.id < other.id ? -1 : 1),
  )[0];
}

function summaryOf(policies: readonly PolicyRow[], roles: readonly string[]): string {
  const known = roles.length === 0 ? [] : [`you call them ${roles.join(', ')}`];
  if (policies.length === 0) return sentence(['No policy applies', ...known]);
  const words = [`${policies.length === 1 ? 'One policy applies' : `${policies.length} policies apply`}`];
  const all = [...words, ...known, ...new Set(policies.flatMap(toldOf))];
  return sentence(all);
}

function sentence(parts: readonly string[]): string {
  const text = `${parts.join('; ')}.`;
  return text.length <= MAX_SUMMARY ? text : `${text.slice(0, MAX_SUMMARY - 1)}…`;
}

const VERB = { allow: 'allowed', ask: 'asked about', deny: 'refused' } as const;

/** What a policy is about, in a few words. It shows no pattern, which may be a secret. */
function toldOf({ evaluator, effect, content, resource }: PolicyRow): string[] {
  const about = resource === null ? '' : ` about ${resource}`;
  if (evaluator === 'llm') return [`${VERB[effect]}${about} by a prompt: ${content.trim().slice(0, TOPIC)}`];
  const parsed = parseRules(content);
  if ('mistakes' in parsed) return [];
  const { maxLength, minLength, blockedPatterns, requiredPatterns, requireContext } = parsed.rules;
  const conditions = [
    maxLength !== undefined && `longer than ${maxLength} characters`,
    minLength !== undefined && `shorter than ${minLength} characters`,
    blockedPatterns !== undefined && `what ${blockedPatterns.length} patterns match`,
    requiredPatterns !== undefined && `what lacks ${requiredPatterns.length} required patterns`,
    requireContext === true && 'without context',
  ].filter((condition) => condition !== false);
  return [`${VERB[effect]}${about}: ${conditions.join(', ') || 'everything'}`];
}
