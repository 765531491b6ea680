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

/** What of some rules a message breaks. */
export interface Breach {
  /** Undefined: the rules have no condition. */
  rule: keyof Rules | undefined;
  /** Which pattern of that rule. */
  index?: number;
  /** To be followed by `of policy …`. A pattern is named by its position, since it may be a secret. */
  sentence: string;
}

/**
 * Whether rules concern a message: what of them it breaks first. Rules without a condition concern every message.
 */
export function breachOf(rules: Rules, subject: Subject): Breach | undefined {
  if (isUnconditional(rules)) return UNCONDITIONAL;
  for (const check of CHECKS) {
    const broken = check(rules, subject);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

const UNCONDITIONAL: Breach = {
  rule: undefined,
  sentence: 'The message is of the kind that is named by the selectors',
};

type Check = (rules: Rules, subject: Subject) => Breach | undefined;

const CHECKS: readonly Check[] = [
  ({ maxLength }, subject) =>
    maxLength !== undefined && isLonger(subject, maxLength)
      ? { rule: 'maxLength', sentence: `The message is longer than maxLength (${maxLength})` }
      : undefined,
  ({ minLength }, subject) =>
    minLength !== undefined && !isLonger(subject, minLength - 1)
      ? { rule: 'minLength', sentence: `The message is shorter than minLength (${minLength})` }
      : undefined,
  ({ blockedPatterns: patterns = [] }, { matched }) => {
    const index = patterns.findIndex((pattern) => matched.has(pattern));
    if (index === -1) return undefined;
    return { rule: 'blockedPatterns', index, sentence: `The message matches blockedPatterns[${index}]` };
  },
  ({ requiredPatterns: patterns = [] }, { matched }) => {
    const index = patterns.findIndex((pattern) => !matched.has(pattern));
    if (index === -1) return undefined;
    const sentence = `The message does not match requiredPatterns[${index}]`;
    return { rule: 'requiredPatterns', index, sentence };
  },
  ({ requireContext }, { context }) =>
    requireContext && !context?.trim()
      ? {
          rule: 'requireContext',
          sentence: 'The message lacks the context that is required by requireContext',
        }
      : undefined,
  ({ blockedRecipients }, subject) =>
    names(blockedRecipients, subject)
      ? { rule: 'blockedRecipients', sentence: 'The recipient is one of blockedRecipients' }
      : undefined,
  ({ trustedRecipients }, subject) =>
    trustedRecipients !== undefined && !names(trustedRecipients, subject)
      ? { rule: 'trustedRecipients', sentence: 'The recipient is not one of trustedRecipients' }
      : undefined,
];

/** Whether a message has more characters (code points, as people count). */
function isLonger(subject: Subject, most: number): boolean {
  const units = subject.message.length;
  if (units <= most) return false;
  return units > 2 * most || codePointsOf(subject) > most;
}

const CODE_POINTS = new WeakMap<Subject, number>();

/** Counts once what hundreds of policies may ask for. */
function codePointsOf(subject: Subject): number {
  let count = CODE_POINTS.get(subject);
  if (count === undefined) {
    count = 0;
    for (const _character of subject.message) count += 1;
    CODE_POINTS.set(subject, count);
  }
  return count;
}

function names(list: readonly string[] = [], { recipientNames }: Subject): boolean {
  return list.some((name) => recipientNames.includes(name.toLowerCase()));
}
