import type { PolicyScope } from '@mahilo/shared/db/schema';
import type { Rules } from './rules.ts';

/** A heuristic policy that is in force. */
export interface Policy {
  id: string;
  scope: PolicyScope;
  priority: number;
  created_at: number;
  rules: Rules;
}

/** A message, as policies see it. */
export interface Subject {
  message: string;
  context: string | undefined;
  /** All names of the recipient that a policy may use, in lower case. */
  recipientNames: readonly string[];
  /** Patterns that the message matches. */
  matched: ReadonlySet<string>;
}

/**
 * Why a policy forbids a message, if one does. Global policies come first, then those for the recipient, each by
 * falling priority, oldest first; the first that fails decides.
 */
export function evaluate(policies: readonly Policy[], subject: Subject): string | undefined {
  for (const { id, rules } of [...policies].sort(inOrder)) {
    const broken = brokenRule(rules, subject);
    if (broken !== undefined) return `${broken} of policy ${id}.`;
  }
  return undefined;
}

function inOrder(one: Policy, other: Policy): number {
  return (
    Number(one.scope !== 'global') - Number(other.scope !== 'global') ||
    other.priority - one.priority ||
    one.created_at - other.created_at ||
    (one.id < other.id ? -1 : 1)
  );
}

type Check = (rules: Rules, subject: Subject) => string | undefined;

/**
 * Each returns what is wrong, to be followed by `of policy …`. It names a pattern by its position, since a pattern
 * may be a secret.
 */
const CHECKS: readonly Check[] = [
  ({ maxLength }, { message }) =>
    maxLength !== undefined && length(message) > maxLength
      ? `The message is longer than maxLength (${maxLength})`
      : undefined,
  ({ minLength }, { message }) =>
    minLength !== undefined && length(message) < minLength
      ? `The message is shorter than minLength (${minLength})`
      : undefined,
  ({ blockedPatterns = [] }, { matched }) => {
    const index = blockedPatterns.findIndex((pattern) => matched.has(pattern));
    return index === -1 ? undefined : `The message matches blockedPatterns[${index}]`;
  },
  ({ requiredPatterns = [] }, { matched }) => {
    const index = requiredPatterns.findIndex((pattern) => !matched.has(pattern));
    return index === -1 ? undefined : `The message does not match requiredPatterns[${index}]`;
  },
  ({ requireContext }, { context }) =>
    requireContext && !context?.trim()
      ? 'The message lacks the context that is required by requireContext'
      : undefined,
  ({ blockedRecipients }, subject) =>
    names(blockedRecipients, subject) ? 'The recipient is one of blockedRecipients' : undefined,
  ({ trustedRecipients }, subject) =>
    trustedRecipients !== undefined && !names(trustedRecipients, subject)
      ? 'The recipient is not one of trustedRecipients'
      : undefined,
];

function brokenRule(rules: Rules, subject: Subject): string | undefined {
  for (const check of CHECKS) {
    const broken = check(rules, subject);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

/** In characters (code points), as people count. */
function length(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

function names(list: readonly string[] = [], { recipientNames }: Subject): boolean {
  return list.some((name) => recipientNames.includes(name.toLowerCase()));
}
