import type { Policy, PolicyDraft } from '../api.ts';
import { type Rules, rulesOf } from './rules.ts';

/** A policy as its form holds it: numbers and lists as they are typed. */
export interface FormState {
  scope: Policy['scope'];
  target: string;
  effect: Policy['effect'];
  isPrompt: boolean;
  prompt: string;
  maxLength: string;
  minLength: string;
  blockedPatterns: readonly string[];
  requiredPatterns: readonly string[];
  requireContext: boolean;
  /** With commas or in lines. */
  trustedRecipients: string;
  blockedRecipients: string;
  direction: string;
  resource: string;
  action: string;
  priority: string;
}

export const NEW: FormState = {
  scope: 'global',
  target: '',
  effect: 'deny',
  isPrompt: false,
  prompt: '',
  maxLength: '',
  minLength: '',
  blockedPatterns: [''],
  requiredPatterns: [],
  requireContext: false,
  trustedRecipients: '',
  blockedRecipients: '',
  direction: '',
  resource: '',
  action: '',
  priority: '0',
};

/** The form of a stored policy. */
export function formOf(policy: Policy): FormState {
  const rules = rulesOf(policy);
  const isPrompt = policy.evaluator === 'llm';
  return {
    scope: policy.scope,
    target: policy.target_id ?? '',
    effect: policy.effect,
    isPrompt,
    prompt: isPrompt ? policy.policy_content : '',
    maxLength: String(rules.maxLength ?? ''),
    minLength: String(rules.minLength ?? ''),
    blockedPatterns: rules.blockedPatterns ?? [],
    requiredPatterns: rules.requiredPatterns ?? [],
    requireContext: rules.requireContext ?? false,
    trustedRecipients: rules.trustedRecipients?.join('\n') ?? '',
    blockedRecipients: rules.blockedRecipients?.join('\n') ?? '',
    direction: policy.direction ?? '',
    resource: policy.resource ?? '',
    action: policy.action ?? '',
    priority: String(policy.priority),
  };
}

/** Without patterns that nobody has written: the registry counts those that it gets. */
export function tidied(form: FormState): FormState {
  const written = (patterns: readonly string[]) => patterns.filter((pattern) => pattern !== '');
  const { blockedPatterns, requiredPatterns } = form;
  return { ...form, blockedPatterns: written(blockedPatterns), requiredPatterns: written(requiredPatterns) };
}

/** What the API takes. What of a stored policy's rules the form does not know stays as it is. */
export function draftOf(form: FormState, stored: Policy | undefined): PolicyDraft {
  const { scope, target, effect, isPrompt } = form;
  const evaluator = isPrompt ? 'llm' : stored?.evaluator === 'structured' ? 'structured' : 'heuristic';
  return {
    scope,
    ...(scope !== 'global' && { target_id: target.trim() }),
    effect,
    evaluator,
    policy_content: isPrompt ? form.prompt : { ...(stored && unknownIn(rulesOf(stored))), ...rulesIn(form) },
    direction: orNull(form.direction),
    resource: orNull(form.resource),
    action: orNull(form.action),
    priority: Number(form.priority) || 0,
  };
}

function rulesIn(form: FormState): Rules {
  const { maxLength, minLength, requireContext } = form;
  const { blockedPatterns, requiredPatterns } = tidied(form);
  const [trusted, blocked] = [namesIn(form.trustedRecipients), namesIn(form.blockedRecipients)];
  return {
    ...(maxLength !== '' && { maxLength: Number(maxLength) }),
    ...(minLength !== '' && { minLength: Number(minLength) }),
    ...(blockedPatterns.length > 0 && { blockedPatterns: [...blockedPatterns] }),
    ...(requiredPatterns.length > 0 && { requiredPatterns: [...requiredPatterns] }),
    ...(requireContext && { requireContext }),
    ...(trusted.length > 0 && { trustedRecipients: trusted }),
    ...(blocked.length > 0 && { blockedRecipients: blocked }),
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  'maxLength',
  'minLength',
  'blockedPatterns',
  'requiredPatterns',
  'requireContext',
  'trustedRecipients',
  'blockedRecipients',
] satisfies (keyof Rules)[]);

function unknownIn(rules: Rules): object {
  return Object.fromEntries(Object.entries(rules).filter(([name]) => !KNOWN.has(name)));
}

function namesIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim();
}
