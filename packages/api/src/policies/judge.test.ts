import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Policy, reasonOf, summaryOf } from './judge.ts';
import type { Rules } from './rules.ts';

const SUBJECT = { message: 'hello', context: undefined, recipientNames: ['ben'], matched: new Set<string>() };
const BREAKS: Rules = { maxLength: 1 };
const KEEPS: Rules = { maxLength: 100 };

let made = 0;

function policy(differences: Partial<Policy>): Policy {
  made += 1;
  return {
    id: `pol_${made}`,
    scope: 'global',
    effect: 'deny',
    evaluator: 'structured',
    source: 'user_created',
    priority: 0,
    created_at: made,
    max_uses: null,
    rules: {},
    ...differences,
  };
}

const judged = (...policies: Partial<Policy>[]) => {
  const { effect, policy: decisive, reasonCode } = judge(policies.map(policy), SUBJECT);
  return [effect, decisive?.id, reasonCode];
};

test('without policies, and when none concerns the message, it is allowed', () => {
  assert.deepEqual(judged(), ['allow', undefined, 'policy.allow.no_applicable']);
  assert.deepEqual(judged({ rules: KEEPS }), ['allow', undefined, 'policy.allow.no_match']);
});

test('the most specific scope decides: user, role, global', () => {
  const global = { id: 'g' } as const;
  const ofRole = { id: 'r', scope: 'role', effect: 'allow' } as const;
  const ofUser = { id: 'u', scope: 'user', effect: 'ask', evaluator: 'heuristic', rules: BREAKS } as const;
  assert.deepEqual(judged(global), ['deny', 'g', 'policy.deny.global.structured']);
  assert.deepEqual(judged(global, ofRole), ['allow', 'r', 'policy.allow.role.structured']);
  assert.deepEqual(judged(global, ofRole, ofUser), ['ask', 'u', 'policy.ask.user.heuristic']);
  assert.deepEqual(judged(global, { ...ofUser, rules: KEEPS }), [
    'deny',
    'g',
    'policy.deny.global.structured',
  ]);
});

test('inside a scope deny comes before ask before allow, whatever the priority, then priority, then age', () => {
  const allow = { id: 'allow', effect: 'allow', priority: 100 } as const;
  const ask = { id: 'ask', effect: 'ask', priority: 50 } as const;
  const all = [allow, ask, { id: 'low' }, { id: 'high', priority: 5 }, { id: 'younger', priority: 5 }];
  for (const decisive of ['high', 'younger', 'low', 'ask', 'allow']) {
    assert.equal(judged(...all)[1], decisive);
    all.splice(
      all.findIndex(({ id }) => id === decisive),
      1,
    );
  }
});

test('the policies of a group can only be stricter than one’s own', () => {
  const group = (effect: Policy['effect']) => ({ id: 'group', scope: 'group', effect }) as const;
  const own = (effect: Policy['effect']) => ({ id: 'own', effect }) as const;
  assert.equal(judged(own('allow'), group('deny'))[1], 'group');
  assert.equal(judged(own('allow'), group('ask'))[1], 'group');
  assert.equal(judged(own('ask'), group('deny'))[1], 'group');
  assert.equal(judged(own('deny'), group('allow'))[1], 'own');
  assert.equal(judged(own('ask'), group('ask'))[1], 'own');
  assert.deepEqual(judged(group('ask')), ['ask', 'group', 'policy.ask.group.structured']);
  assert.equal(judged(group('allow'))[0], 'allow');
});

test('what a policy from before there were effects forbids stays forbidden; without rules it forbids nothing', () => {
  const old = { id: 'old', source: 'legacy_migrated', evaluator: 'heuristic' } as const;
  const allow = { id: 'allow', scope: 'user', effect: 'allow' } as const;
  assert.deepEqual(judged({ ...old, rules: BREAKS }, allow), ['deny', 'old', 'policy.deny.global.heuristic']);
  assert.equal(judged({ ...old, rules: KEEPS }, allow)[1], 'allow');
  assert.deepEqual(judged({ ...old, rules: {} }), ['allow', undefined, 'policy.allow.no_match']);
});

test('the sender reads which policy decided, the agent only what did', () => {
  const denied = judge([policy({ id: 'pol_x', rules: BREAKS })], SUBJECT);
  assert.equal(reasonOf(denied), 'The message is longer than maxLength (1) of policy pol_x.');
  assert.equal(summaryOf(denied), 'Denied: The message is longer than maxLength (1) of a policy.');
  assert.equal(summaryOf(judge([], SUBJECT)), 'No policy concerns the message.');
});
