import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const NAMES = ['acquaintances', 'close_friends', 'family', 'friends', 'work_contacts'];

let here: TestApp;
let ann: Person;
let ben: Person;
let eve: Person;
let friendship: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  const register = (username: string) => Person.register(here.app, username);
  [ann, ben, eve] = [await register('ann'), await register('ben'), await register('eve')];
  friendship = await ann.befriend(ben);
});
after(() => here[Symbol.asyncDispose]());

const give = (by: Person, role: string, id = friendship) => by.call('POST', `/friends/${id}/roles`, { role });
const take = (by: Person, role: string, id = friendship) => by.call('DELETE', `/friends/${id}/roles/${role}`);
const rolesOf = async (by: Person, id = friendship) => (await by.ok('GET', `/friends/${id}/roles`)).roles;
const listed = async (by: Person) => (await by.ok('GET', '/friends'))[0]?.roles;

test('there are five roles, and nobody’s own yet', async () => {
  const { roles } = await ann.ok('GET', '/roles');
  assert.deepEqual(roles.map(({ name }: { name: string }) => name).toSorted(), NAMES);
  for (const { description, is_system } of roles) assert.ok(description.length > 5 && is_system === true);
  assert.deepEqual((await ann.ok('GET', '/roles?type=system')).roles, roles);
  assert.deepEqual(await ann.ok('GET', '/roles?type=custom'), { roles: [] });
  assert.equal((await ann.call('GET', '/roles?type=other')).json.code, 'INVALID_REQUEST');
});

test('each of two friends gives the other roles of their own, which the other does not see', async () => {
  for (let n = 0; n < 2; n++) {
    assert.deepEqual((await give(ann, 'family')).json, { success: true, role: 'family' }, 'also again');
  }
  await give(ann, 'close_friends');
  await give(ben, 'work_contacts');
  assert.deepEqual((await rolesOf(ann)).toSorted(), ['close_friends', 'family']);
  assert.deepEqual((await listed(ann)).toSorted(), ['close_friends', 'family']);
  assert.deepEqual([await rolesOf(ben), await listed(ben)], [['work_contacts'], ['work_contacts']]);
  assert.equal((await take(ben, 'family')).json.code, 'NOT_FOUND', 'it is not his');
  assert.deepEqual((await take(ann, 'family')).json, { success: true });
  assert.equal((await take(ann, 'family')).json.code, 'NOT_FOUND');
  assert.deepEqual(await listed(ann), ['close_friends']);
});

test('a role that does not exist, and somebody else’s friendship, are refused', async () => {
  for (const role of ['best_friends', 'Family', ' family', 'constructor', "x' or 1=1"]) {
    assert.equal((await give(ann, role)).json.code, 'INVALID_ROLE', role);
  }
  for (const role of ['', 'x'.repeat(51)]) {
    assert.equal((await give(ann, role)).json.code, 'INVALID_REQUEST', role);
  }
  assert.equal((await give(eve, 'family')).json.code, 'NOT_FOUND');
  assert.equal((await take(eve, 'close_friends')).json.code, 'NOT_FOUND');
  assert.equal((await eve.call('GET', `/friends/${friendship}/roles`)).json.code, 'NOT_FOUND');
  assert.equal((await give(ann, 'family', 'frnd_none')).json.code, 'NOT_FOUND');
});

test('roles end with the friendship, however it ends', async () => {
  const stored = async () =>
    (await here.db.kysely.selectFrom('friend_roles').select('role').execute()).map(({ role }) => role);
  assert.equal((await stored()).length, 2);
  await ann.ok('DELETE', `/friends/${friendship}`);
  assert.deepEqual(await stored(), []);
  friendship = await ann.befriend(ben);
  assert.deepEqual([await listed(ann), await listed(ben)], [[], []]);
  await give(ann, 'family');
  await ben.ok('DELETE', '/auth/me');
  assert.deepEqual(await stored(), []);
});
