import { isUnconditional, type Rules } from './rules.ts';

/** A message, as rules see it. */
export interface Subject {
  message: string;
  context: string | undefined;
  /** All names of the recipient that a policy may use, in lower case. */
  recipientNames: readonly string[];
  /** Patterns that the message matches. */
  matched: ReadonlySet<string>;
}

/**
 * Whether rules concern a message: what of them it breaks first, to be followed by `of policy …`. Rules without a
 * condition concern every message. A pattern is named by its position, since it may be a secret.
 */
export function matchOf(rules: Rules, subject: Subject): string | undefined {
  if (isUnconditional(rules)) return UNCONDITIONAL;
  for (const check of CHECKS) {
    const broken = check(rules, subject);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

const UNCONDITIONAL = 'The message is of the kind that is named by the selectors';

type Check = (rules: Rules, subject: Subject) => string | undefined;

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

/** In characters (code points), as people count. */
function length(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

function names(list: readonly string[] = [], { recipientNames }: Subject): boolean {
  return list.some((name) => recipientNames.includes(name.toLowerCase()));
}
