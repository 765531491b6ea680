import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breachOf, type Subject } from './match.ts';
import { OVERRIDE_NOTE, type Rules } from './rules.ts';

function subject(message: string, differences: Partial<Subject> = {}): Subject {
  return { message, context: undefined, recipientNames: ['ben'], matched: new Set(), ...differences };
}

const violationOf = (rules: Rules, about: Subject) => breachOf(rules, about)?.sentence;

test('rules without a condition concern every message, and a note is none', () => {
  for (const rules of [{}, { [OVERRIDE_NOTE]: { kind: 'one_time' } }]) {
    assert.match(violationOf(rules, subject('hello')) ?? '', /named by the selectors/);
  }
  assert.equal(breachOf({ blockedPatterns: [] }, subject('hello')), undefined);
});

test('lengths are counted in characters, and the bounds are allowed', () => {
  assert.equal(violationOf({ maxLength: 2 }, subject('👋🏽')), undefined);
  assert.equal(violationOf({ maxLength: 1 }, subject('👋🏽')), 'The message is longer than maxLength (1)');
  assert.match(violationOf({ minLength: 6 }, subject('hello')) ?? '', /shorter than minLength \(6\)/);
  assert.match(violationOf({ maxLength: 0 }, subject('x')) ?? '', /maxLength/);
});

test('a message is counted once, however many policies ask how long it is', () => {
  let counts = 0;
  class Counted extends String {
    override [Symbol.iterator]() {
      counts += 1;
      return super[Symbol.iterator]();
    }
  }
  const about = subject(new Counted('👋👋👋') as unknown as string);
  for (let most = 3; most < 6; most += 1) assert.equal(breachOf({ maxLength: most }, about), undefined);
  assert.match(violationOf({ minLength: 4 }, about) ?? '', /minLength/);
  assert.equal(counts, 1);
});

test('no blocked pattern may match, and every required one must; the violation says which, not what', () => {
  const matched = new Set(['secret-word']);
  const about = subject('hello', { matched });
  assert.equal(
    violationOf({ blockedPatterns: ['other', 'secret-word'] }, about),
    'The message matches blockedPatterns[1]',
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
