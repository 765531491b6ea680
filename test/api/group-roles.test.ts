import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { invite, join, leave, remove, rolesOf, setRole, transfer } from './group-actions.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let made = 0;

type People = [Client, Client, Client, Client];
const people = async () =>
  (await Promise.all(
    Array.from({ length: 4 }, () => world.nobody.register(`person-${++made}`)),
  )) as unknown as People;

/** A group of the first one, which the others have joined. */
async function groupOf(owner: Client, ...members: Client[]): Promise<string> {
  const { group_id } = await owner.ok('POST', '/groups', { name: `group-${++made}`, invite_only: false });
  for (const member of members) await join(member, group_id);
  return group_id;
}

test('what is done to a group is up to the role', async () => {
  const [ann, ben, cid, dan] = await people();
  const id = await groupOf(ann, ben, cid);
  for (const attempt of [
    invite(cid, id, dan),
    remove(cid, id, ben),
    remove(cid, id, cid),
    setRole(cid, id, cid, 'admin'),
    transfer(cid, id, cid),
    cid.call('DELETE', `/groups/${id}`),
  ])
    assertRefused(await attempt, 403, 'FORBIDDEN');
  const { user_id } = await ben.ok('GET', '/auth/me');
  const promoted = await setRole(ann, id, ben, 'admin');
  const { membership_id } = promoted.json;
  const expected = { membership_id, user_id, username: ben.username, role: 'admin', status: 'active' };
  assert.deepEqual([promoted.status, promoted.json], [200, expected]);

  assert.equal((await invite(ben, id, dan)).status, 201);
  for (const attempt of [
    remove(ben, id, ann),
    remove(ben, id, ben),
    setRole(ben, id, cid, 'admin'),
    transfer(ben, id, ben),
    ben.call('DELETE', `/groups/${id}`),
  ])
    assertRefused(await attempt, 403, 'FORBIDDEN');
  assert.deepEqual((await remove(ben, id, cid)).json, { success: true });
  assert.deepEqual((await remove(ben, id, dan)).json, { success: true }, 'an invitation is withdrawn');
  assert.deepEqual(await rolesOf(ann, id), { [ann.username]: 'owner', [ben.username]: 'admin' });
});

test('an owner makes admins and members, of those who have joined', async () => {
  const [ann, ben, cid] = await people();
  const id = await groupOf(ann, ben);
  await invite(ann, id, cid);
  await setRole(ann, id, ben, 'admin');
  await setRole(ann, id, ben, 'member');
  assert.equal((await rolesOf(ann, id))[ben.username], 'member');
  assertRefused(await setRole(ann, id, cid, 'admin'), 404, 'NOT_FOUND');
  assertRefused(await setRole(ann, id, ann, 'member'), 400, 'INVALID_REQUEST', ['role']);
  assertRefused(await setRole(ann, id, ben, 'owner'), 400, 'INVALID_REQUEST', ['role']);
  for (const username of ['no-such-user', 'x', '%00']) {
    const path = `/groups/${id}/members/${username}`;
    assertRefused(await ann.call('PATCH', path, { role: 'admin' }), 404, 'NOT_FOUND');
    assertRefused(await ann.call('DELETE', path), 404, 'NOT_FOUND');
  }
});

test('an owner hands the group over, and is a plain member then', async () => {
  const [ann, ben, cid, eve] = await people();
  const id = await groupOf(ann, ben);
  await invite(ann, id, cid);
  assertRefused(await transfer(ann, id, ann), 400, 'INVALID_REQUEST', ['username']);
  for (const nobody of [cid, eve])
    assertRefused(await transfer(ann, id, nobody), 400, 'INVALID_REQUEST', ['username']);
  const unknown = await ann.call('POST', `/groups/${id}/transfer`, { username: 'no-such-user' });
  assertRefused(unknown, 404, 'USER_NOT_FOUND');
  const { status, json } = await transfer(ann, id, ben);
  const { user_id } = await ben.ok('GET', '/auth/me');
  assert.deepEqual([status, json], [200, { success: true, new_owner_user_id: user_id }]);
  assert.deepEqual(await rolesOf(ann, id), {
    [ann.username]: 'member',
    [ben.username]: 'owner',
    [cid.username]: 'invited',
  });
  assertRefused(await transfer(ann, id, ann), 403, 'FORBIDDEN');
  assert.deepEqual((await leave(ann, id)).json, { success: true });
});

test('two transfers at once: the group has one owner', async () => {
  const [ann, ben, cid] = await people();
  const id = await groupOf(ann, ben, cid);
  const both = await Promise.all([transfer(ann, id, ben), transfer(ann, id, cid)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 403]);
  const roles = Object.values(await rolesOf(ann, id)).sort();
  assert.deepEqual(roles, ['member', 'member', 'owner']);
});
