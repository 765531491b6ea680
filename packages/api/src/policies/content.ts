import type { PolicyEvaluator } from '@mahilo/shared/db/schema';
import { errorText, MahiloError } from '@mahilo/shared/errors';
import { HAS_NUL, pathOfNul } from '../http/nul.ts';
import { compilePattern } from './pattern.ts';
import { isUnconditional, type Mistake, parseRules, patternsOf, type Rules } from './rules.ts';

/** Largest content of a policy, in UTF-8. */
const MAX_BYTES = 16_384;

/** Most mistakes in one answer. */
const MAX_MISTAKES = 20;

/**
 * Most instructions of all patterns of a policy. Matching takes at worst this times the length of the text; ordinary
 * patterns have 10 to 50.
 */
const MAX_PROGRAM_SIZE = 1000;

/**
 * Checks the content of a policy: rules as JSON text, or a prompt.
 * @param mayBeUnconditional whether the rules may be such that they concern every message.
 * @throws MahiloError INVALID_POLICY_CONTENT, which names every mistake.
 */
export function assertPolicyContent(
  evaluator: PolicyEvaluator,
  content: string,
  mayBeUnconditional: boolean,
): void {
  const mistakes = mistakesIn(evaluator, content, mayBeUnconditional);
  if (mistakes.length > 0) throw invalidContent(mistakes);
}

/** The error for these mistakes. */
export function invalidContent(mistakes: readonly Mistake[]): MahiloError {
  const details = mistakes.slice(0, MAX_MISTAKES).map(({ path, message }) => ({
    path: path === '' ? 'policy_content' : `policy_content.${path}`,
    message,
  }));
  const sentence = details.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new MahiloError('INVALID_POLICY_CONTENT', `${sentence}.`, { details });
}

function mistakesIn(evaluator: PolicyEvaluator, content: string, mayBeUnconditional: boolean): Mistake[] {
  if (Buffer.byteLength(content) > MAX_BYTES) {
    return [{ path: '', message: `must have at most ${MAX_BYTES} bytes` }];
  }
  if (evaluator === 'llm') return content.trim() === '' ? [{ path: '', message: 'must be a prompt' }] : [];
  const parsed = parseRules(content);
  if ('mistakes' in parsed) return parsed.mistakes;
  if (isUnconditional(parsed.rules) && !mayBeUnconditional) {
    return [{ path: '', message: 'must have a rule, unless effect is given' }];
  }
  return mistakesInRules(parsed.rules);
}

function mistakesInRules(rules: Rules): Mistake[] {
  const nul = pathOfNul(rules);
  if (nul !== undefined) return [{ path: nul, message: HAS_NUL }];
  const { minLength = 0, maxLength = minLength } = rules;
  if (minLength > maxLength) {
    return [{ path: 'minLength', message: 'must not be greater than maxLength' }];
  }
  const { size, mistakes } = compileAll(rules);
  if (mistakes.length > 0 || size <= MAX_PROGRAM_SIZE) return mistakes;
  return [{ path: '', message: 'has patterns that are too complex: repeat less, or fewer times' }];
}

/** Compiles the patterns, and stops when they are too large together, since compiling costs, too. */
function compileAll(rules: Rules): { size: number; mistakes: Mistake[] } {
  let size = 0;
  const mistakes: Mistake[] = [];
  for (const name of ['blockedPatterns', 'requiredPatterns'] as const) {
    for (const [index, pattern] of (rules[name] ?? []).entries()) {
      if (size > MAX_PROGRAM_SIZE) break;
      try {
        size += compilePattern(pattern).programSize();
      } catch (error) {
        mistakes.push({ path: `${name}.${index}`, message: `is no RE2 pattern (${errorText(error)})` });
      }
    }
  }
  return { size, mistakes };
}

/** The patterns of policies, each once. */
export function distinctPatterns(policies: readonly { rules: Rules }[]): string[] {
  return [...new Set(policies.flatMap(({ rules }) => patternsOf(rules)))];
}
