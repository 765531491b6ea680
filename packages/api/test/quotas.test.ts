import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { numbersTo } from '@mahilo/shared/test/numbers';
import { sql } from 'kysely';
import { type Answer, Person } from './person.ts';
import { testApp } from './test-app.ts';

/** An API with small bounds, its database, and people who use it. */
async function registry(t: TestContext, bounds: Readonly<Record<string, string>>) {
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000', ...bounds });
  t.after(() => here[Symbol.asyncDispose]());
  return {
    db: here.db,
    person: (name: string) => Person.register(here.app, name),
  };
}

/** Asserts a refusal that names this bound. */
function assertOver({ status, json }: Answer, bound: string): void {
  assert.deepEqual([status, json.code, json.details?.[0]?.path], [429, 'QUOTA_EXCEEDED', bound]);
}

/** A user's use of each bound, by `GET /auth/limits`. */
async function usage(person: Person, name: string): Promise<[used: number, limit: number]> {
  const limits: { name: string; used: number; limit: number }[] = await person.ok('GET', '/auth/limits');
  const { used, limit } = limits.find((one) => one.name === name) ?? assert.fail(`${name} is not told`);
  return [used, limit];
}

const agent = (label: string) => ({ framework: 'test', label, mode: 'polling' });

test('AGENTS_PER_USER: one more is refused, one that is there goes on to be updated, and a deleted one makes room', async (t) => {
  const { person } = await registry(t, { AGENTS_PER_USER: '3' });
  const [ann, ben] = [await person('ann'), await person('ben')];
  const ids = [await ann.connectPolling('a'), await ann.connectPolling('b'), await ann.connectPolling('c')];
  assertOver(await ann.call('POST', '/agents', agent('d')), 'agents_per_user');
  assert.equal((await ann.call('POST', '/agents', agent('a'))).status, 200);
  assert.deepEqual(await usage(ann, 'agents_per_user'), [3, 3]);
  await ben.connectPolling('d');
  await ann.ok('DELETE', `/agents/${ids[0]}`);
  await ann.connectPolling('d');
});

test('what is told of bounds has a name, what is used and the limit; what begins anew says when', async (t) => {
  const { person } = await registry(t, { STREAMS_PER_USER: '7' });
  const ann = await person('ann');
  const limits: Record<string, unknown>[] = await ann.ok('GET', '/auth/limits');
  for (const { name, used, limit, resets_at } of limits) {
    assert.ok(Number.isInteger(used) && Number(used) <= Number(limit), String(name));
    assert.equal(resets_at !== undefined, name === 'requests_per_minute');
  }
  assert.deepEqual(await usage(ann, 'streams_per_user'), [0, 7]);
  assert.deepEqual(await usage(ann, 'keys_per_user'), [1, 50]);
});

test('many agents at once: no more get in than may', async (t) => {
  const { person } = await registry(t, { AGENTS_PER_USER: '5' });
  const ann = await person('ann');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => ann.call('POST', '/agents', agent(`${n}`))),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 5);
});

test('who is over a new bound keeps what is there, and only more is refused', async (t) => {
  const { person, db } = await registry(t, { AGENTS_PER_USER: '2' });
  const [ann, ben] = [await person('ann'), await person('ben')];
  await ann.befriend(ben);
  await ben.connectPolling('first');
  const [row] = await db.kysely.selectFrom('connections').selectAll().execute();
  assert.ok(row);
  const more = Array.from({ length: 5 }, (_, n) => ({ ...row, id: `conn_${n}`, label: `old ${n}` }));
  await db.write((trx) => trx.insertInto('connections').values(more).execute());
  assert.deepEqual(await usage(ben, 'agents_per_user'), [6, 2]);
  assertOver(await ben.call('POST', '/agents', agent('new')), 'agents_per_user');
  assert.equal((await ann.send(ben, 'hello', { routing_hints: { labels: ['old 3'] } })).status, 200);
  assert.equal((await ben.call('POST', '/agents', agent('old 3'))).status, 200);
  assert.equal((await ben.ok('GET', '/inbox?connection_id=conn_3')).length, 1);
});

test('GROUPS_PER_USER: for who makes one, and for whom one is handed', async (t) => {
  const { person } = await registry(t, { GROUPS_PER_USER: '2' });
  const [ann, ben] = [await person('ann'), await person('ben')];
  const make = (who: Person, name: string) => who.call('POST', '/groups', { name, invite_only: false });
  const ids: string[] = [];
  for (const name of ['a', 'b']) ids.push((await make(ann, name)).json.group_id);
  assertOver(await make(ann, 'c'), 'groups_per_user');
  assert.deepEqual(await usage(ann, 'groups_per_user'), [2, 2]);
  const third = (await make(ben, 'c')).json.group_id;
  await ann.ok('POST', `/groups/${third}/join`);
  assertOver(await ben.call('POST', `/groups/${third}/transfer`, { username: 'ann' }), 'groups_per_user');
  await ann.ok('DELETE', `/groups/${ids[0]}`);
  await ben.ok('POST', `/groups/${third}/transfer`, { username: 'ann' });
});

test('MEMBERSHIPS_PER_USER: invitations do not count before they are accepted, so nobody can fill it for others', async (t) => {
  const { person } = await registry(t, { MEMBERSHIPS_PER_USER: '2' });
  const [ann, ben, cid] = [await person('ann'), await person('ben'), await person('cid')];
  const make = async (who: Person, name: string, invite_only: boolean) =>
    (await who.ok('POST', '/groups', { name, invite_only })).group_id;
  const groups = [
    await make(ann, 'a', true),
    await make(ann, 'b', false),
    await make(cid, 'c', true),
    await make(cid, 'd', false),
  ];
  assertOver(await ann.call('POST', '/groups', { name: 'e' }), 'memberships_per_user');
  await ann.ok('POST', `/groups/${groups[0]}/invite`, { username: 'ben' });
  await cid.ok('POST', `/groups/${groups[2]}/invite`, { username: 'ben' });
  assert.deepEqual(await usage(ben, 'memberships_per_user'), [0, 2]);
  for (const id of [groups[0], groups[1]]) await ben.ok('POST', `/groups/${id}/join`);
  for (const id of [groups[2], groups[3]]) {
    assertOver(await ben.call('POST', `/groups/${id}/join`), 'memberships_per_user');
  }
  await ben.ok('DELETE', `/groups/${groups[1]}/leave`);
  await ben.ok('POST', `/groups/${groups[2]}/join`);
});

test('REQUESTS_PER_USER: friend requests and invitations together, until they are answered', async (t) => {
  const { person } = await registry(t, { REQUESTS_PER_USER: '3' });
  const [ann, ben, cid, dan] = [
    await person('ann'),
    await person('ben'),
    await person('cid'),
    await person('dan'),
  ];
  const ask = (username: string) => ann.call('POST', '/friends/request', { username });
  const group = (await ann.ok('POST', '/groups', { name: 'a' })).group_id;
  const invite = (username: string) => ann.call('POST', `/groups/${group}/invite`, { username });
  const { friendship_id } = (await ask('ben')).json;
  await ask('cid');
  assert.equal((await invite('ben')).status, 201);
  assert.deepEqual(await usage(ann, 'requests_per_user'), [3, 3]);
  assertOver(await ask('dan'), 'requests_per_user');
  assertOver(await invite('cid'), 'requests_per_user');
  await ben.ok('POST', `/friends/${friendship_id}/accept`);
  assert.equal((await ask('dan')).status, 201);
  assert.deepEqual(await usage(dan, 'requests_per_user'), [0, 3]);
  await ben.ok('POST', `/groups/${group}/join`);
  assert.equal((await invite('cid')).status, 201);
  // Accepting a request of another user counts as none.
  await cid.ok('POST', '/friends/request', { username: 'dan' });
  await dan.ok('POST', '/friends/request', { username: 'cid' });
});

test('POLICIES_PER_USER: of all scopes together, for a group too, and by weight', async (t) => {
  const { person } = await registry(t, { POLICIES_PER_USER: '3' });
  const [ann, ben] = [await person('ann'), await person('ben')];
  const group = (await ann.ok('POST', '/groups', { name: 'a', invite_only: false })).group_id;
  await ben.ok('POST', `/groups/${group}/join`);
  await ann.ok('PATCH', `/groups/${group}/members/ben`, { role: 'admin' });
  const policy = (who: Person, more: object = {}) =>
    who.call('POST', '/policies', {
      scope: 'global',
      policy_type: 'heuristic',
      policy_content: '{"maxLength":9}',
      ...more,
    });
  const ofGroup = { scope: 'group', target_id: group };
  await policy(ann);
  await policy(ann, { scope: 'user', target_id: ben.id });
  const { policy_id } = (await policy(ann, ofGroup)).json;
  assertOver(await policy(ann), 'policies_per_user');
  assert.deepEqual(await usage(ann, 'policies_per_user'), [3, 3]);
  await policy(ben, ofGroup);
  await policy(ben, ofGroup);
  assertOver(await policy(ben, ofGroup), 'policies_per_user');
  assert.equal((await policy(ben)).status, 201, 'the group has as many as it may, and ben has not');
  assert.equal((await ann.call('PATCH', `/policies/${policy_id}`, { enabled: false })).status, 200);
});

test('policies of a user are bounded in bytes, too, when one is written and when one grows', async (t) => {
  const { person } = await registry(t, {});
  const ann = await person('ann');
  const prompt = (bytes: number) => ({ policy_content: 'x'.repeat(bytes) });
  const write = (bytes: number) =>
    ann.call('POST', '/policies', { scope: 'global', policy_type: 'llm', ...prompt(bytes) });
  for (let n = 0; n < 63; n++) assert.equal((await write(16_384)).status, 201);
  const { policy_id } = (await write(16_000)).json;
  assert.deepEqual(await usage(ann, 'policy_bytes_per_user'), [1_048_192, 1_048_576]);
  assertOver(await write(385), 'policy_bytes_per_user');
  assert.equal((await ann.call('PATCH', `/policies/${policy_id}`, prompt(16_384))).status, 200);
  assertOver(await write(1), 'policy_bytes_per_user');
  assert.equal((await ann.call('PATCH', `/policies/${policy_id}`, prompt(1))).status, 200);
});

test('blocks have a bound whichever way they are made; who is blocked already can be blocked again', async (t) => {
  const { db, person } = await registry(t, {});
  const [ann, asker, friend, blocker] = [
    await person('ann'),
    await person('asker'),
    await person('friend'),
    await person('blocker'),
  ];
  const request = await asker.ok('POST', '/friends/request', { username: ann.username });
  const friendship = await ann.befriend(friend);
  await blocker.ok('POST', '/friends/block', { username: ann.username });
  const numbers = numbersTo(10_000);
  await db.write(async (trx) => {
    await sql`${numbers} insert into users (id, username, created_at)
      select 'usr_00' || i, 'stranger-' || i, 0 from n`.execute(trx);
    await sql`${numbers} insert into friendships
      (id, user_a, user_b, requester_id, status, blocked_by_a, blocked_by_b, created_at, since)
      select 'frnd_' || i, 'usr_00' || i, ${ann.id}, ${ann.id}, 'blocked', 0, 1, 0, 0 from n`.execute(trx);
  });
  const byName = (username: string) => ann.call('POST', '/friends/block', { username });
  for (const { username } of [asker, friend, blocker]) assertOver(await byName(username), 'blocks_per_user');
  for (const id of [request.friendship_id, friendship])
    assertOver(await ann.call('POST', `/friends/${id}/block`), 'blocks_per_user');
  assert.equal((await byName('stranger-1')).status, 200);
  await ann.ok('DELETE', '/friends/frnd_1');
  assert.equal((await byName(asker.username)).status, 200);
});
