import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let ann: Person;
let ben: Person;
let friendship: string;

before(async () => {
  here = await testApp(() => ({}), { TRUSTED_MODE: 'true', RATE_LIMIT: '10000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  friendship = await ann.befriend(ben);
  for (const person of [ann, ben]) await person.connectPolling();
});
after(() => here[Symbol.asyncDispose]());

const policy = (by: Person, scope: string, target_id: string | undefined, more: object) =>
  by.call('POST', '/policies', { scope, target_id, evaluator: 'structured', policy_content: {}, ...more });
const give = (by: Person, role: string) => by.ok('POST', `/friends/${friendship}/roles`, { role });
const outcome = async (from: Person, to: Person) => {
  const { status, json } = await from.send(to, 'Where are you?');
  return status === 200 ? 'sent' : json.status;
};

test('a policy of a role is for the friends to whom its author has given the role, and for nobody else', async () => {
  const { status } = await policy(ann, 'role', 'work_contacts', { effect: 'deny' });
  assert.equal(status, 201);
  assert.equal(await outcome(ann, ben), 'sent', 'she has given him none');
  await give(ben, 'work_contacts');
  assert.equal(await outcome(ann, ben), 'sent', 'what he calls her is none of her policies’ business');
  await give(ann, 'family');
  assert.equal(await outcome(ann, ben), 'sent', 'another role');
  await give(ann, 'work_contacts');
  assert.equal(await outcome(ann, ben), 'rejected');
  assert.equal(await outcome(ben, ann), 'sent');
  await ann.ok('DELETE', `/friends/${friendship}/roles/work_contacts`);
  assert.equal(await outcome(ann, ben), 'sent');
});

test('a policy of a role goes before a global one, and after one of the person', async () => {
  const all = await policy(ann, 'global', undefined, { effect: 'deny' });
  assert.equal(await outcome(ann, ben), 'rejected');
  const ofFamily = await policy(ann, 'role', 'family', { effect: 'allow' });
  assert.equal(await outcome(ann, ben), 'sent');
  const ofBen = await policy(ann, 'user', 'ben', { effect: 'deny' });
  assert.equal(await outcome(ann, ben), 'rejected');
  for (const { json } of [all, ofFamily, ofBen]) await ann.ok('DELETE', `/policies/${json.policy_id}`);
});

test('a policy of a role names one that exists, comes back with it, and is found by it', async () => {
  for (const [target, code] of [
    ['best_friends', 'INVALID_ROLE'],
    ['ben', 'INVALID_ROLE'],
    [undefined, 'INVALID_POLICY'],
  ] as const) {
    assert.equal((await policy(ann, 'role', target, { effect: 'deny' })).json.code, code);
  }
  const { policy_id } = (await policy(ann, 'role', 'friends', { effect: 'ask' })).json;
  for (const query of ['target_id=friends', 'scope=role&target_id=friends']) {
    const listed: { id: string; scope: string; target_id: string }[] = await ann.ok(
      'GET',
      `/policies?${query}`,
    );
    assert.deepEqual(
      listed.map(({ id, scope, target_id }) => [id, scope, target_id]),
      [[policy_id, 'role', 'friends']],
    );
  }
});

test('an override can be for a role', async () => {
  const [agent] = await ann.ok('GET', '/agents');
  const body = {
    sender_connection_id: agent.id,
    kind: 'persistent',
    scope: 'role',
    target_id: 'acquaintances',
    selectors: {},
    effect: 'deny',
    reason: 'I said so',
  };
  assert.equal((await ann.call('POST', '/plugin/overrides', body)).status, 201);
  assert.equal(await outcome(ann, ben), 'sent');
  await give(ann, 'acquaintances');
  assert.equal(await outcome(ann, ben), 'rejected');
});
