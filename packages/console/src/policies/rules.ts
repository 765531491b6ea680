import type { Policy } from '../api.ts';

/** What a policy with rules says; see docs/agents.md, Policies. */
export interface Rules {
  maxLength?: number;
  minLength?: number;
  blockedPatterns?: string[];
  requiredPatterns?: string[];
  requireContext?: boolean;
  trustedRecipients?: string[];
  blockedRecipients?: string[];
}

/** The rules of a stored policy. */
export function rulesOf({ evaluator, policy_content }: Pick<Policy, 'evaluator' | 'policy_content'>): Rules {
  return evaluator === 'llm' ? {} : JSON.parse(policy_content);
}

/** What the rules look for, each in a few words. */
export function wordsOf(rules: Rules): string[] {
  const { maxLength, minLength, blockedPatterns = [], requiredPatterns = [] } = rules;
  const { requireContext, trustedRecipients, blockedRecipients = [] } = rules;
  return [
    ...(maxLength === undefined ? [] : [`is longer than ${characters(maxLength)}`]),
    ...(minLength === undefined ? [] : [`is shorter than ${characters(minLength)}`]),
    ...blockedPatterns.map((pattern) => `matches ${pattern}`),
    ...requiredPatterns.map((pattern) => `does not match ${pattern}`),
    ...(requireContext ? ['has no context'] : []),
    ...(blockedRecipients.length === 0 ? [] : [`goes to ${blockedRecipients.join(' or ')}`]),
    ...(trustedRecipients === undefined
      ? []
      : [`goes to anybody but ${trustedRecipients.join(' and ') || 'nobody'}`]),
  ];
}

function characters(count: number): string {
  return count === 1 ? 'one character' : `${count.toLocaleString('en')} characters`;
}
