import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, type Policy, type Subject } from './evaluate.ts';
import type { Rules } from './rules.ts';

let created = 0;

function policy(rules: Rules, differences: Partial<Policy> = {}): Policy {
  return { id: `pol_${++created}`, scope: 'global', priority: 0, created_at: 1, rules, ...differences };
}

function subject(message: string, differences: Partial<Subject> = {}): Subject {
  return { message, context: undefined, recipientNames: ['ben'], matched: new Set(), ...differences };
}

/** Which of these ids the violation names. */
const decider = (policies: readonly Policy[]) =>
  /pol[A-Z]\w*/.exec(evaluate(policies, subject('hello')) ?? '')?.[0];

const violationOf = (rules: Rules, about: Subject) => evaluate([policy(rules, { id: 'pol_x' })], about);

test('without policies, or when all are kept, there is no violation', () => {
  assert.equal(evaluate([], subject('hello')), undefined);
  assert.equal(evaluate([policy({ maxLength: 5 }), policy({ minLength: 5 })], subject('hello')), undefined);
});

test('lengths are counted in characters, and the bounds are allowed', () => {
  assert.equal(violationOf({ maxLength: 2 }, subject('👋🏽')), undefined);
  assert.equal(
    violationOf({ maxLength: 1 }, subject('👋🏽')),
    'The message is longer than maxLength (1) of policy pol_x.',
  );
  assert.match(violationOf({ minLength: 6 }, subject('hello')) ?? '', /shorter than minLength \(6\)/);
  assert.match(violationOf({ maxLength: 0 }, subject('x')) ?? '', /maxLength/);
});

test('no blocked pattern may match, and every required one must; the violation says which, not what', () => {
  const matched = new Set(['secret-word']);
  const about = subject('hello', { matched });
  assert.equal(
    violationOf({ blockedPatterns: ['other', 'secret-word'] }, about),
    'The message matches blockedPatterns[1] of policy pol_x.',
  );
  assert.equal(violationOf({ blockedPatterns: ['other'] }, about), undefined);
  assert.match(violationOf({ requiredPatterns: ['secret-word', 'x'] }, about) ?? '', /requiredPatterns\[1\]/);
  assert.equal(violationOf({ requiredPatterns: ['secret-word'] }, about), undefined);
});

test('a context is one that says something', () => {
  for (const context of [undefined, '', '  \n']) {
    assert.match(violationOf({ requireContext: true }, subject('hello', { context })) ?? '', /context/);
  }
  assert.equal(violationOf({ requireContext: true }, subject('hello', { context: 'why' })), undefined);
  assert.equal(violationOf({ requireContext: false }, subject('hello')), undefined);
});

test('recipients are named without case, and an empty list trusts nobody', () => {
  assert.match(violationOf({ blockedRecipients: ['BEN'] }, subject('hello')) ?? '', /blockedRecipients/);
  assert.equal(violationOf({ blockedRecipients: ['cid'] }, subject('hello')), undefined);
  assert.equal(violationOf({ trustedRecipients: ['Ben', 'cid'] }, subject('hello')), undefined);
  assert.match(violationOf({ trustedRecipients: ['cid'] }, subject('hello')) ?? '', /trustedRecipients/);
  assert.match(violationOf({ trustedRecipients: [] }, subject('hello')) ?? '', /trustedRecipients/);
  const group = subject('hello', { recipientNames: ['grp_1', 'chess'] });
  assert.equal(violationOf({ trustedRecipients: ['Chess'] }, group), undefined);
});

test('global policies come first, then by falling priority, then the oldest', () => {
  const no = { maxLength: 0 };
  const high = { priority: 100 };
  const ofUser = policy(no, { id: 'polUser', scope: 'user', ...high });
  const ofGroup = policy(no, { id: 'polGroup', scope: 'group', ...high });
  const low = policy(no, { id: 'polLow' });
  const old = policy(no, { id: 'polOld', priority: 5, created_at: 1 });
  const young = policy(no, { id: 'polYoung', priority: 5, created_at: 2 });
  const twin = policy(no, { id: 'polYoungTwin', priority: 5, created_at: 2 });
  const kept = policy({ maxLength: 9 }, { id: 'polKept', ...high });
  const all = [kept, old, young, twin, low];
  while (all.length > 1) {
    assert.equal(decider([ofUser, ...all.toReversed(), ofGroup]), all[1]?.id);
    all.splice(1, 1);
  }
  assert.equal(decider([kept, ofUser]), 'polUser');
  assert.equal(decider([ofGroup, kept]), 'polGroup');
});
