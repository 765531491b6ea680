import type { PolicyEffect, PolicyEvaluator, PolicyScope } from '@mahilo/shared/db/schema';
import { type Breach, breachOf, type Subject } from './match.ts';
import { isUnconditional, type Rules } from './rules.ts';

/** A policy with rules that is in force. */
export interface Policy {
  id: string;
  scope: PolicyScope;
  effect: PolicyEffect;
  evaluator: PolicyEvaluator;
  source: string;
  priority: number;
  created_at: number;
  max_uses: number | null;
  rules: Rules;
}

/** What policies say about a message. */
export interface Judgement {
  effect: PolicyEffect;
  /** The policy that decided; undefined when none concerned the message. */
  policy: Pick<Policy, 'id' | 'max_uses'> | undefined;
  /** Stable: `policy.<effect>.<scope>.<evaluator>`, or why none decided. */
  reasonCode: string;
  /** What about the message decided, to be followed by `of policy …`; undefined when none concerned it. */
  reason: string | undefined;
}

/** Why a message is refused or held, for its sender. */
export function reasonOf({ policy, reason }: Judgement): string {
  return `${reason} of policy ${policy?.id}.`;
}

/** The same without naming the policy, for agents. */
export function summaryOf({ effect, reason }: Judgement): string {
  if (reason === undefined) return 'No policy concerns the message.';
  return `${OPENING[effect]}: ${reason} of a policy.`;
}

const OPENING: Readonly<Record<PolicyEffect, string>> = {
  allow: 'Allowed',
  ask: 'Review required',
  deny: 'Denied',
};

/** A policy that decided has been used up meanwhile: the message is to be judged again. */
export class StaleJudgement extends Error {
  override name = 'StaleJudgement';
}

/** Policies from before there were effects: no other policy lifts what they forbid. */
const STANDING = 'legacy_migrated';

const SEVERITY: Readonly<Record<PolicyEffect, number>> = { deny: 2, ask: 1, allow: 0 };

/** The most specific first: the first scope with a policy that concerns the message decides. */
const BASE_SCOPES = ['user', 'role', 'global'] as const;

/**
 * Judges a message. Of the sender's own policies the most specific scope with one that concerns the message decides; a
 * group's policies can only be stricter than that. Inside a scope deny comes before ask before allow, then the higher
 * priority, then the older one.
 */
export function judge(policies: readonly Policy[], subject: Subject): Judgement {
  if (policies.length === 0) return undecided('policy.allow.no_applicable');
  const matches = matchesOf(policies, subject);
  const first = (isWanted: (policy: Policy) => boolean) => matches.find(({ policy }) => isWanted(policy));
  const standing = first(({ source }) => source === STANDING);
  const base = BASE_SCOPES.map((wanted) => first(({ scope }) => scope === wanted)).find(Boolean);
  const ofGroup = first(({ scope }) => scope === 'group');
  const decisive = standing ?? stricter(base, ofGroup);
  return decisive === undefined ? undecided('policy.allow.no_match') : decided(decisive);
}

/** A policy that concerns a message, and why. */
export interface Match {
  policy: Policy;
  breach: Breach;
}

/** The policies that concern a message; those come first that decide in their scope. */
export function matchesOf(policies: readonly Policy[], subject: Subject): Match[] {
  const matches = policies.flatMap((policy) => {
    const breach = breachOf(policy.rules, subject);
    return breach === undefined || isMute(policy) ? [] : [{ policy, breach }];
  });
  return matches.sort((one, other) => inOrder(one.policy, other.policy));
}

function stricter(base: Match | undefined, ofGroup: Match | undefined): Match | undefined {
  if (ofGroup === undefined) return base;
  // Who has no policy of their own allows.
  const allowed = base === undefined ? 'allow' : base.policy.effect;
  return SEVERITY[ofGroup.policy.effect] > SEVERITY[allowed] ? ofGroup : (base ?? ofGroup);
}

function undecided(reasonCode: string): Judgement {
  return { effect: 'allow', policy: undefined, reasonCode, reason: undefined };
}

function decided({ policy, breach }: Match): Judgement {
  const { effect, scope, evaluator } = policy;
  return { effect, policy, reasonCode: `policy.${effect}.${scope}.${evaluator}`, reason: breach.sentence };
}

/** Without effects, rules without a condition forbade nothing. */
function isMute({ source, rules }: Policy): boolean {
  return source === STANDING && isUnconditional(rules);
}

function inOrder(one: Policy, other: Policy): number {
  return (
    SEVERITY[other.effect] - SEVERITY[one.effect] ||
    other.priority - one.priority ||
    one.created_at - other.created_at ||
    (one.id < other.id ? -1 : 1)
  );
}
