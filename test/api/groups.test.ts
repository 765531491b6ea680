import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { invite, join, leave, remove, rolesOf, setRole, transfer } from './group-actions.ts';
import { assertRefused } from './refusal.ts';

const MAX_MEMBERS = 4;
const world = new InProcessWorld({ MAX_GROUP_MEMBERS: String(MAX_MEMBERS) });

let api: Awaited<ReturnType<typeof world.startApi>>;

before(async () => {
  api = await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let made = 0;
const person = () => world.nobody.register(`person-${++made}`);
type People = [Client, Client, Client, Client, ...Client[]];
/** At least four people. */
const people = async (count = 4) =>
  (await Promise.all(Array.from({ length: Math.max(count, 4) }, person))) as People;
const newName = () => `group-${++made}`;

/** A group of the first one, which the others have joined. */
async function groupOf(owner: Client, ...members: Client[]): Promise<string> {
  const { group_id } = await owner.ok('POST', '/groups', { name: newName(), invite_only: false });
  for (const member of members) await member.ok('POST', `/groups/${group_id}/join`);
  return group_id;
}

/** Events of a user that concern a group, oldest first. */
async function eventsOf(who: Client, groupId: string): Promise<Record<string, unknown>[]> {
  const rows = await world.store.query<{ type: string; data_json: string }>(
    `select type, data_json from events join users on users.id = events.user_id
     where username = ? order by events.id`,
    who.username,
  );
  return rows
    .map(({ type, data_json }) => ({ type, ...JSON.parse(data_json) }))
    .filter(({ group_id }) => group_id === groupId);
}

test('who makes a group owns it, and sees it in the list', async () => {
  const [ann] = await people();
  const { status, json } = await ann.call('POST', '/groups', {
    name: 'Book_Club-1',
    description: 'We read.',
  });
  assert.equal(status, 201);
  assert.match(json.group_id, /^grp_[0-9a-z]{26}$/);
  assert.deepEqual(json, {
    group_id: json.group_id,
    id: json.group_id,
    name: 'Book_Club-1',
    description: 'We read.',
    invite_only: true,
    role: 'owner',
  });
  const [listed] = await ann.ok('GET', '/groups');
  assert.deepEqual(listed, { ...json, status: 'active', member_count: 1, created_at: listed.created_at });
  assert.deepEqual(await ann.ok('GET', `/groups/${json.group_id}`), listed);
});

test('a name is taken without case, also by groups that have ended', async () => {
  const [ann, ben] = await people();
  const { group_id } = await ann.ok('POST', '/groups', { name: 'Chess' });
  assertRefused(await ben.call('POST', '/groups', { name: 'cHESS' }), 409, 'GROUP_EXISTS');
  await ann.ok('DELETE', `/groups/${group_id}`);
  assertRefused(await ben.call('POST', '/groups', { name: 'cHESS' }), 409, 'GROUP_EXISTS');
  const left = await ben.ok('POST', '/groups', { name: newName() });
  await ben.ok('DELETE', `/groups/${left.group_id}/leave`);
  assertRefused(await ann.call('POST', '/groups', { name: left.name }), 409, 'GROUP_EXISTS');
});

test('two who want the same name at once: one gets it', async () => {
  const [ann, ben] = await people();
  const name = newName();
  const both = await Promise.all([ann, ben].map((user) => user.call('POST', '/groups', { name })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
});

test('a group that is not well described is refused, and each field is named', async () => {
  const [ann] = await people();
  const bad: [body: unknown, paths: string[]][] = [
    [{}, ['name']],
    [{ name: '' }, ['name']],
    [{ name: 'x'.repeat(101) }, ['name']],
    [{ name: 'with space' }, ['name']],
    [{ name: 'new\nline' }, ['name']],
    [{ name: 'line\n' }, ['name']],
    [{ name: 'ünï' }, ['name']],
    [{ name: 'a', description: 'x'.repeat(501) }, ['description']],
    [{ name: 'a', invite_only: 'yes' }, ['invite_only']],
    [{ name: 7, invite_only: 1 }, ['name', 'invite_only']],
  ];
  for (const [body, paths] of bad) {
    assertRefused(await ann.call('POST', '/groups', body), 400, 'INVALID_REQUEST', paths);
  }
});

test('an invitation is for one person, who joins with it and is a member then', async () => {
  const [ann, ben, cid] = await people();
  const { group_id: id, name } = await ann.ok('POST', '/groups', { name: newName() });
  assertRefused(await join(ben, id), 403, 'INVITE_REQUIRED');
  const invited = await invite(ann, id, ben);
  assert.equal(invited.status, 201);
  const { user_id } = await ben.ok('GET', '/auth/me');
  assert.match(invited.json.membership_id, /^mbr_[0-9a-z]{26}$/);
  assert.deepEqual(invited.json, {
    membership_id: invited.json.membership_id,
    group_id: id,
    user_id,
    username: ben.username,
    status: 'invited',
  });
  assertRefused(await invite(ann, id, ben), 409, 'ALREADY_INVITED');
  assertRefused(await join(cid, id), 403, 'INVITE_REQUIRED');
  const seen = await ben.ok('GET', `/groups/${id}`);
  assert.deepEqual([seen.status, seen.role, seen.member_count], ['invited', 'member', 1]);

  const joined = await join(ben, id);
  assert.equal(joined.status, 200);
  assert.deepEqual(joined.json, { group_id: id, id, name, status: 'active', role: 'member' });
  assertRefused(await join(ben, id), 409, 'ALREADY_MEMBER');
  assertRefused(await invite(ann, id, ben), 409, 'ALREADY_MEMBER');
  assert.equal((await ben.ok('GET', `/groups/${id}`)).member_count, 2);
  const invitation = { type: 'group_invite', group_id: id, group_name: name, invited_by: ann.username };
  assert.deepEqual(await eventsOf(ben, id), [{ ...invitation, membership_id: invited.json.membership_id }]);
  assert.deepEqual(await eventsOf(ann, id), [
    { type: 'group_join', group_id: id, group_name: name, username: ben.username, role: 'member' },
  ]);
});

test('an open group is joined by whoever knows its id', async () => {
  const [ann, ben] = await people();
  const id = await groupOf(ann);
  assert.equal((await join(ben, id)).json.role, 'member');
  for (const unknown of ['grp_00000000000000000000000000', 'x', id.toUpperCase()]) {
    assertRefused(await join(ben, unknown), 404, 'NOT_FOUND');
  }
});

test('to a stranger a group is not there', async () => {
  const [ann, ben, eve] = await people();
  const id = await groupOf(ann, ben);
  assert.deepEqual(await eve.ok('GET', '/groups'), []);
  for (const path of [`/groups/${id}`, `/groups/${id}/members`, '/groups/none', '/groups/none/members']) {
    assertRefused(await eve.call('GET', path), 404, 'NOT_FOUND');
  }
  const attempts = [
    invite(eve, id, eve),
    leave(eve, id),
    remove(eve, id, ben),
    setRole(eve, id, ben, 'admin'),
    transfer(eve, id, ben),
    eve.call('DELETE', `/groups/${id}`),
  ];
  for (const attempt of attempts) assertRefused(await attempt, 404, 'NOT_FOUND');
});

test('members are listed with what they are, newest first, page by page', async () => {
  const [ann, ben, cid] = await people();
  const id = await groupOf(ann, ben);
  await invite(ann, id, cid);
  const first = await cid.call('GET', `/groups/${id}/members?limit=2`);
  const [invited, member] = first.json;
  assert.deepEqual([invited.username, invited.status, invited.role], [cid.username, 'invited', 'member']);
  assert.equal('joined_at' in invited, false);
  assert.deepEqual(member, {
    membership_id: member.membership_id,
    user_id: (await ben.ok('GET', '/auth/me')).user_id,
    username: ben.username,
    role: 'member',
    status: 'active',
    joined_at: member.joined_at,
  });
  const next = /<\/api\/v1(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await ann.call('GET', next);
  assert.deepEqual(
    second.json.map(({ username, role }: Record<string, string>) => [username, role]),
    [[ann.username, 'owner']],
  );
  assert.equal(second.headers.get('link'), null);
});

test('groups are listed newest first, page by page', async () => {
  const [ann] = await people();
  const ids = [await groupOf(ann), await groupOf(ann), await groupOf(ann)].reverse();
  const first = await ann.call('GET', '/groups?limit=2');
  const next = /<\/api\/v1(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const listed = [...first.json, ...(await ann.ok('GET', next))];
  assert.deepEqual(
    listed.map(({ group_id }) => group_id),
    ids,
  );
});

test('members leave, the owner last, and then the group is gone', async () => {
  const [ann, ben, cid] = await people();
  const id = await groupOf(ann, ben);
  await invite(ann, id, cid);
  assertRefused(await leave(ann, id), 400, 'OWNER_CANNOT_LEAVE');
  assert.deepEqual((await leave(ben, id)).json, { success: true });
  assertRefused(await leave(ben, id), 404, 'NOT_FOUND');
  assert.equal((await ann.ok('GET', `/groups/${id}`)).member_count, 1);
  assert.deepEqual((await leave(ann, id)).json, { success: true, group_deleted: true });
  for (const user of [ann, cid]) {
    assertRefused(await user.call('GET', `/groups/${id}`), 404, 'NOT_FOUND');
    assertRefused(await join(user, id), 404, 'NOT_FOUND');
  }
  assert.deepEqual(await cid.ok('GET', '/groups'), []);
  assert.equal((await eventsOf(cid, id)).at(-1)?.['group_deleted'], true);
});

test('an invitation is declined by leaving', async () => {
  const [ann, ben] = await people();
  const { group_id: id } = await ann.ok('POST', '/groups', { name: newName() });
  await invite(ann, id, ben);
  assert.deepEqual((await leave(ben, id)).json, { success: true });
  assertRefused(await join(ben, id), 403, 'INVITE_REQUIRED');
  assert.equal((await eventsOf(ann, id)).at(-1)?.['was'], 'invited');
  assert.equal((await invite(ann, id, ben)).status, 201);
});

test('those in charge, and who was removed, are told; the other members and the one who did it are not', async () => {
  const [ann, ben, cid, dan] = await people();
  const id = await groupOf(ann, ben, cid, dan);
  await setRole(ann, id, ben, 'admin');
  const before = (await eventsOf(ann, id)).length;
  await remove(ben, id, cid);
  const group_name = (await ann.ok('GET', `/groups/${id}`)).name;
  const told = {
    type: 'group_leave',
    group_id: id,
    group_name,
    username: cid.username,
    was: 'active',
    removed_by: ben.username,
  };
  assert.deepEqual((await eventsOf(ann, id)).slice(before), [told]);
  assert.deepEqual(await eventsOf(cid, id), [told]);
  for (const user of [ben, dan]) assert.deepEqual(await eventsOf(user, id), [], user.username);
});

test('who has blocked the other is neither invited by them nor invites them', async () => {
  const [ann, ben] = await people();
  const { group_id: id } = await ann.ok('POST', '/groups', { name: newName() });
  const friendship = await ann.befriend(ben);
  await ben.ok('POST', `/friends/${friendship}/block`);
  assertRefused(await invite(ann, id, ben), 403, 'BLOCKED');
  await ben.ok('DELETE', `/friends/${friendship}`);
  assert.equal((await invite(ann, id, ben)).status, 201);
});

test('inviting has its errors: nobody, oneself', async () => {
  const [ann] = await people();
  const id = await groupOf(ann);
  for (const username of ['no-such-user', 'x', 'not a name', '']) {
    const answer = await ann.call('POST', `/groups/${id}/invite`, { username });
    assertRefused(answer, 404, 'USER_NOT_FOUND');
  }
  assertRefused(await ann.call('POST', `/groups/${id}/invite`, {}), 400, 'INVALID_REQUEST', ['username']);
  assertRefused(await invite(ann, id, ann), 409, 'ALREADY_MEMBER');
});

test('a group takes so many members and no more, also when they come at once', async () => {
  const [ann, ...others] = await people(MAX_MEMBERS + 2);
  const id = await groupOf(ann);
  const answers = await Promise.all(others.map((user) => join(user, id)));
  const refused = answers.filter(({ status }) => status !== 200);
  assert.equal(refused.length, 2);
  for (const answer of refused) assertRefused(answer, 409, 'GROUP_FULL');
  assert.equal((await ann.ok('GET', `/groups/${id}`)).member_count, MAX_MEMBERS);
});

test('all of it outlives a restart', async () => {
  const [ann, ben, cid] = await people();
  const id = await groupOf(ann, ben);
  await invite(ann, id, cid);
  await setRole(ann, id, ben, 'admin');
  const before = await ben.ok('GET', `/groups/${id}`);
  await api.close();
  api = await world.startApi();
  assert.deepEqual(await ben.ok('GET', `/groups/${id}`), before);
  assert.equal((await join(cid, id)).status, 200);
  assert.deepEqual(await rolesOf(cid, id), {
    [ann.username]: 'owner',
    [ben.username]: 'admin',
    [cid.username]: 'member',
  });
  assertRefused(await cid.call('POST', '/groups', { name: before.name }), 409, 'GROUP_EXISTS');
});
