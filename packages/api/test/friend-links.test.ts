import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { Person } from './person.ts';
import { type TestApp, testApp } from './test-app.ts';

const DAY_MS = 86_400_000;

let here: TestApp;
const clock = new SettableClock();

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000', PUBLIC_URL: 'https://registry.example' }, clock);
});
after(() => here[Symbol.asyncDispose]());

let made = 0;

async function people(): Promise<{ ann: Person; ben: Person; cid: Person }> {
  made += 1;
  const named = (name: string) => Person.register(here.app, `${name}-${made}`);
  return { ann: await named('ann'), ben: await named('ben'), cid: await named('cid') };
}

const accept = (who: Person, token: string) => who.call('POST', `/friends/links/${token}/accept`);

async function assertNone(who: Person, token: string): Promise<void> {
  for (const { status, json } of [
    await who.call('GET', `/friends/links/${token}`),
    await accept(who, token),
  ]) {
    assert.deepEqual([status, json.code], [403, 'INVALID_FRIEND_LINK']);
  }
}

test('a link makes friends, once, of two who have not asked', async () => {
  const { ann, ben, cid } = await people();
  const { token, link, ...listed } = await ann.ok('POST', '/friends/links');
  assert.equal(link, `https://registry.example/console/friends/link#${token}`);
  assert.deepEqual(await ann.ok('GET', '/friends/links'), [listed]);
  const shown = { username: ann.username, expires_at: listed.expires_at };
  assert.deepEqual(await ben.ok('GET', `/friends/links/${token}`), shown);
  const { friendship_id, ...answer } = await ben.ok('POST', `/friends/links/${token}/accept`);
  assert.deepEqual(answer, { status: 'accepted', user_id: ann.id, username: ann.username });
  for (const [who, other, direction] of [
    [ann, ben, 'sent'],
    [ben, ann, 'received'],
  ] as const) {
    const [friend] = await who.ok('GET', '/friends');
    assert.deepEqual(
      [friend.id, friend.username, friend.direction],
      [friendship_id, other.username, direction],
    );
  }
  assert.deepEqual(await ann.ok('GET', '/friends/links'), []);
  await assertNone(cid, token);
  await assertNone(ben, token);
});

test('who made a link hears of it', async () => {
  const { ann, ben } = await people();
  const { token } = await ann.ok('POST', '/friends/links');
  await ben.ok('POST', `/friends/links/${token}/accept`);
  const events = await here.db.kysely
    .selectFrom('events')
    .select(['type', 'data_json'])
    .where('user_id', '=', ann.id)
    .orderBy('id')
    .execute();
  assert.deepEqual(
    events.map(({ type, data_json }) => [type, JSON.parse(data_json).username]),
    [['friend_accepted', ben.username]],
  );
});

test('a request of either is answered by it', async () => {
  for (const asksFirst of ['maker', 'user'] as const) {
    const { ann, ben } = await people();
    const [from, to] = asksFirst === 'maker' ? [ann, ben] : [ben, ann];
    const { friendship_id } = await from.ok('POST', '/friends/request', { username: to.username });
    const { token } = await ann.ok('POST', '/friends/links');
    const answer = await ben.ok('POST', `/friends/links/${token}/accept`);
    assert.equal(answer.friendship_id, friendship_id);
    assert.equal((await ann.ok('GET', '/friends')).length, 1);
  }
});

test('what is refused does not use the link up', async () => {
  const { ann, ben, cid } = await people();
  const { token } = await ann.ok('POST', '/friends/links');
  const own = await accept(ann, token);
  assert.deepEqual([own.status, own.json.details[0].path], [400, 'token']);
  for (const [by, other] of [
    [ann, ben],
    [ben, ann],
  ] as const) {
    await by.ok('POST', '/friends/block', { username: other.username });
    assert.equal((await accept(ben, token)).json.code, 'BLOCKED');
    const [{ id }] = await by.ok('GET', '/friends?status=blocked');
    await by.ok('DELETE', `/friends/${id}`);
  }
  await ann.befriend(ben);
  assert.equal((await accept(ben, token)).json.code, 'ALREADY_FRIENDS');
  assert.equal((await accept(cid, token)).status, 200);
});

test('two who use a link at once: one of them is a friend', async () => {
  const { ann, ben, cid } = await people();
  const { token } = await ann.ok('POST', '/friends/links');
  const answers = await Promise.all([accept(ben, token), accept(cid, token)]);
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 403]);
  assert.equal((await ann.ok('GET', '/friends')).length, 1);
});

test('a link ends after a week, when it is withdrawn, and with whoever made it', async () => {
  const { ann, ben, cid } = await people();
  const first = await ann.ok('POST', '/friends/links');
  clock.ms += 7 * DAY_MS;
  await assertNone(ben, first.token);
  assert.deepEqual(await ann.ok('GET', '/friends/links'), []);
  const second = await ann.ok('POST', '/friends/links');
  assert.equal((await ben.call('DELETE', `/friends/links/${second.id}`)).json.code, 'NOT_FOUND');
  await ann.ok('DELETE', `/friends/links/${second.id}`);
  await assertNone(ben, second.token);
  const third = await ann.ok('POST', '/friends/links');
  await ann.ok('DELETE', '/auth/me');
  await assertNone(ben, third.token);
  for (const token of ['x', 'x'.repeat(43), '%00', `${third.token}x`]) await assertNone(cid, token);
  assert.equal((await ben.ok('GET', '/friends')).length, 0);
});

test('there are so many links of a user at most, and what has expired makes room', async () => {
  const { ann } = await people();
  for (let n = 0; n < 50; n += 1) await ann.ok('POST', '/friends/links');
  const { status, json } = await ann.call('POST', '/friends/links');
  assert.deepEqual([status, json.details[0].path], [429, 'friend_links_per_user']);
  clock.ms += 7 * DAY_MS;
  await ann.ok('POST', '/friends/links');
  assert.equal((await ann.ok('GET', '/friends/links')).length, 1);
  const limits: { name: string; used: number }[] = await ann.ok('GET', '/auth/limits');
  assert.equal(limits.find(({ name }) => name === 'friend_links_per_user')?.used, 1);
});
