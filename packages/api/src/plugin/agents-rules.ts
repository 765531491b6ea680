import { isUnconditional, type Rules } from '../policies/rules.ts';
import { javascriptPattern } from './javascript-pattern.ts';

/** How agents evaluate rules: `always` and `never` match whatever the message; of `unknown` they cannot tell. */
export type AgentsRules = { rules: Rules } | 'always' | 'never' | 'unknown';

/**
 * Rules as agents evaluate them, who compare names exactly and member by member, match patterns in JavaScript, and take
 * rules without a condition for ones that always match.
 * @param groupNames the names of the group that the message goes to, in lower case, if it goes to one.
 */
export function agentsRules(rules: Rules, groupNames: readonly string[]): AgentsRules {
  if (isUnconditional(rules)) return { rules };
  const isOfGroup = (names: readonly string[] = []) => names.some((name) => groupNames.includes(name));
  const [blocked, trusted] = [lowerCase(rules.blockedRecipients), lowerCase(rules.trustedRecipients)];
  if (trusted?.length === 0 || isOfGroup(blocked)) return 'always';
  const [refused, required] = [translated(rules.blockedPatterns), translated(rules.requiredPatterns)];
  if (refused === 'unknown' || required === 'unknown') return 'unknown';
  const said = {
    ...rules,
    blockedPatterns: refused,
    requiredPatterns: required,
    blockedRecipients: blocked,
    trustedRecipients: isOfGroup(trusted) ? undefined : trusted,
  };
  const kept: Rules = Object.fromEntries(Object.entries(said).filter(saysSomething));
  return isUnconditional(kept) ? 'never' : { rules: kept };
}

function lowerCase(names: readonly string[] | undefined): string[] | undefined {
  return names?.map((name) => name.toLowerCase());
}

function translated(patterns: readonly string[] | undefined): string[] | 'unknown' | undefined {
  const known = patterns?.map(javascriptPattern).filter((pattern) => pattern !== undefined);
  return known?.length === patterns?.length ? known : 'unknown';
}

/** False for a condition that every message meets. */
function saysSomething([name, value]: [string, unknown]): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false && !(name === 'minLength' && value === 0);
}
