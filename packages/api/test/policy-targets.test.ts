import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const RULES = { policy_type: 'heuristic', policy_content: '{"maxLength":10}' };

let here: TestApp;
let ann: Person;
let ben: Person;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
});
after(() => here[Symbol.asyncDispose]());

const newPolicy = (by: Person, scope: string, target_id: string) =>
  by.call('POST', '/policies', { ...RULES, scope, target_id });

test('the target of a policy is named by id or by name, without case, and kept by its id', async () => {
  const { group_id } = await ann.ok('POST', '/groups', { name: 'Book_Club' });
  for (const [scope, id, names] of [
    ['user', ben.id, [ben.id, 'ben', 'BEN']],
    ['group', group_id, [group_id, 'Book_Club', 'book_club']],
  ] as const) {
    const made = [];
    for (const name of names) {
      const { status, json } = await newPolicy(ann, scope, name);
      assert.equal(status, 201, name);
      made.unshift(json.policy_id);
    }
    for (const name of names) {
      for (const query of [`target_id=${name}`, `scope=${scope}&target_id=${name}`]) {
        const listed: { id: string; target_id: string }[] = await ann.ok('GET', `/policies?${query}`);
        assert.deepEqual(
          listed.map(({ id: policyId, target_id }) => [policyId, target_id]),
          made.map((policyId) => [policyId, id]),
          query,
        );
      }
    }
  }
  assert.deepEqual(await ann.ok('GET', '/policies?target_id=nobody-at-all'), []);
});

test('a name that looks like the id of somebody else is not taken for it', async () => {
  const cid = await Person.register(here.app, 'cid');
  await Person.register(here.app, cid.id);
  const { json } = await newPolicy(ann, 'user', cid.id);
  const listed: { id: string; target_id: string }[] = await ann.ok('GET', '/policies?scope=user');
  assert.equal(listed.find(({ id }) => id === json.policy_id)?.target_id, cid.id);
});

test('a name that nobody has, and a group that is somebody else’s, is refused', async () => {
  await ben.ok('POST', '/groups', { name: 'bens' });
  for (const [scope, target, code] of [
    ['user', 'nobody-at-all', 'USER_NOT_FOUND'],
    ['user', 'bens', 'USER_NOT_FOUND'],
    ['user', "x' or 1=1", 'USER_NOT_FOUND'],
    ['group', 'nobody-at-all', 'GROUP_NOT_FOUND'],
    ['group', 'ben', 'GROUP_NOT_FOUND'],
    ['group', 'bens', 'NOT_MEMBER'],
  ] as const) {
    assert.equal((await newPolicy(ann, scope, target)).json.code, code, `${scope} ${target}`);
  }
});
