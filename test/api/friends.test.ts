import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

let pairs = 0;
/** Two users who have never met. */
async function pair(): Promise<[ann: Client, ben: Client]> {
  pairs += 1;
  return [await world.nobody.register(`ann-${pairs}`), await world.nobody.register(`ben-${pairs}`)];
}

const ask = (from: Client, to: Client) => from.call('POST', '/friends/request', { username: to.username });
const list = (user: Client, status: string) => user.ok('GET', `/friends?status=${status}`);
const act = (user: Client, id: string, verb: string) => user.call('POST', `/friends/${id}/${verb}`);
const remove = (user: Client, id: string) => user.call('DELETE', `/friends/${id}`);

test('a request is pending until the other accepts; both see it, from their side', async () => {
  const [ann, ben] = await pair();
  const { status, json } = await ask(ann, ben);
  assert.equal(status, 201);
  assert.match(json.friendship_id, /^frnd_[0-9a-z]{26}$/);
  assert.deepEqual(json, { friendship_id: json.friendship_id, status: 'pending' });
  const [sent] = await list(ann, 'pending');
  assert.deepEqual(sent, {
    id: json.friendship_id,
    friendship_id: json.friendship_id,
    user_id: (await ben.ok('GET', '/auth/me')).user_id,
    username: ben.username,
    status: 'pending',
    direction: 'sent',
    since: sent.since,
    roles: [],
  });
  const [received] = await list(ben, 'pending');
  assert.deepEqual([received.username, received.direction], [ann.username, 'received']);
  assert.deepEqual(await ben.ok('GET', '/friends'), []);

  const accepted = await act(ben, json.friendship_id, 'accept');
  assert.equal(accepted.status, 200);
  assert.deepEqual(accepted.json, { friendship_id: json.friendship_id, status: 'accepted' });
  assert.equal((await ann.ok('GET', '/friends'))[0].direction, 'sent');
  assert.equal((await list(ben, 'accepted'))[0].status, 'accepted');
  assert.deepEqual(await list(ann, 'pending'), []);
});

test('friends are listed with their display names, and strangers by their username alone', async () => {
  const [ann] = await pair();
  const { api_key } = await world.nobody.ok('POST', '/auth/register', {
    username: 'named',
    display_name: 'Né 🌍',
  });
  await world.nobody.ok(
    'POST',
    '/friends/request',
    { username: ann.username },
    { authorization: `Bearer ${api_key}` },
  );
  const [asked] = await list(ann, 'pending');
  assert.equal(asked.display_name, undefined);
  assert.equal(asked.friendship_id, asked.id);
  await act(ann, asked.id, 'accept');
  const [friend] = await list(ann, 'accepted');
  assert.deepEqual([friend.display_name, friend.user_id], ['Né 🌍', asked.user_id]);
});

test('only the one who was asked can accept, only the two of them can end a request, and only once', async () => {
  const [ann, ben] = await pair();
  const stranger = await world.nobody.register('stranger');
  const id = (await ask(ann, ben)).json.friendship_id;
  assertRefused(await act(ann, id, 'accept'), 404, 'NOT_FOUND');
  for (const verb of ['accept', 'reject', 'block']) {
    assertRefused(await act(stranger, id, verb), 404, 'NOT_FOUND');
  }
  assertRefused(await remove(stranger, id), 404, 'NOT_FOUND');
  assert.equal((await act(ben, id, 'accept')).status, 200);
  for (const verb of ['accept', 'reject']) assertRefused(await act(ben, id, verb), 404, 'NOT_FOUND');
});

test('a request of the other’s is accepted by asking back, also when both ask at once', async () => {
  const [ann, ben] = await pair();
  const asked = await ask(ann, ben);
  const back = await ask(ben, ann);
  assert.equal(back.status, 200);
  assert.deepEqual(back.json, { friendship_id: asked.json.friendship_id, status: 'accepted' });

  const [cid, dan] = await pair();
  const both = await Promise.all([ask(cid, dan), ask(dan, cid)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [200, 201]);
  assert.equal((await list(cid, 'accepted')).length, 1);
});

test('asking has its errors: nobody, oneself, twice, a friend', async () => {
  const [ann, ben] = await pair();
  for (const username of ['no-such-user', 'x', 'not a name', '']) {
    assertRefused(await ann.call('POST', '/friends/request', { username }), 404, 'USER_NOT_FOUND');
  }
  const own = await ann.call('POST', '/friends/request', { username: ann.username.toUpperCase() });
  assertRefused(own, 400, 'INVALID_REQUEST', ['username']);
  const id = (await ask(ann, ben)).json.friendship_id;
  assertRefused(await ask(ann, ben), 409, 'REQUEST_EXISTS');
  await act(ben, id, 'accept');
  assertRefused(await ask(ann, ben), 409, 'ALREADY_FRIENDS');
  assertRefused(await ask(ben, ann), 409, 'ALREADY_FRIENDS');
});

test('who was rejected may ask again, who withdrew too, and either may end a friendship', async () => {
  const [ann, ben] = await pair();
  const first = (await ask(ann, ben)).json.friendship_id;
  assert.deepEqual((await act(ben, first, 'reject')).json, { success: true });
  assert.deepEqual(await list(ann, 'pending'), []);
  assertRefused(await act(ben, first, 'accept'), 404, 'NOT_FOUND');
  const withdrawn = (await ask(ann, ben)).json.friendship_id;
  assert.deepEqual(
    (await act(ann, withdrawn, 'reject')).json,
    { success: true },
    'existing clients say it so',
  );
  assert.deepEqual(await list(ben, 'pending'), []);
  assertRefused(await act(ben, withdrawn, 'accept'), 404, 'NOT_FOUND');
  const second = await ask(ann, ben);
  assert.equal(second.status, 201);
  assert.deepEqual((await remove(ann, second.json.friendship_id)).json, { success: true });
  const third = await ann.befriend(ben);
  assert.deepEqual((await remove(ben, third)).json, { success: true });
  assertRefused(await remove(ben, third), 404, 'NOT_FOUND');
  assert.equal((await ask(ben, ann)).status, 201);
});

test('a block ends requests in both directions, and only the blocker sees and lifts it', async () => {
  const [ann, ben] = await pair();
  const id = await ann.befriend(ben);
  assert.deepEqual((await act(ben, id, 'block')).json, { success: true });
  assert.equal((await act(ben, id, 'block')).status, 200, 'blocking twice is blocking');
  for (const [from, to] of [
    [ann, ben],
    [ben, ann],
  ] as const)
    assertRefused(await ask(from, to), 403, 'BLOCKED');
  assert.equal((await list(ben, 'blocked'))[0].username, ann.username);
  for (const status of ['accepted', 'pending', 'blocked']) assert.deepEqual(await list(ann, status), []);
  for (const verb of ['accept', 'reject']) assertRefused(await act(ann, id, verb), 404, 'NOT_FOUND');
  assertRefused(await remove(ann, id), 404, 'NOT_FOUND');
  assert.deepEqual((await remove(ben, id)).json, { success: true });
  assert.equal((await ask(ann, ben)).status, 201);
});

test('a request can be blocked, by who asked and by who was asked', async () => {
  for (const isAddressee of [true, false]) {
    const [ann, ben] = await pair();
    const id = (await ask(ann, ben)).json.friendship_id;
    assert.equal((await act(isAddressee ? ben : ann, id, 'block')).status, 200);
    for (const [from, to] of [
      [ann, ben],
      [ben, ann],
    ] as const)
      assertRefused(await ask(from, to), 403, 'BLOCKED');
    assertRefused(await act(ben, id, 'accept'), 404, 'NOT_FOUND');
  }
});

test('when both have blocked, each lifts their own, and it takes both', async () => {
  const [ann, ben] = await pair();
  const id = await ann.befriend(ben);
  await Promise.all([act(ann, id, 'block'), act(ben, id, 'block')]);
  assert.equal((await list(ann, 'blocked')).length, 1);
  assert.equal((await list(ben, 'blocked')).length, 1);
  assert.equal((await remove(ann, id)).status, 200);
  assertRefused(await ask(ann, ben), 403, 'BLOCKED');
  assertRefused(await remove(ann, id), 404, 'NOT_FOUND');
  assert.deepEqual(await list(ann, 'blocked'), []);
  assert.equal((await remove(ben, id)).status, 200);
  assert.equal((await ask(ben, ann)).status, 201);
});

test('a friend’s agents are listed without URLs and secrets, active ones only', async () => {
  const [ann, ben] = await pair();
  assertRefused(await ann.call('GET', '/contacts/no-such-user/connections'), 404, 'USER_NOT_FOUND');
  assertRefused(await ann.call('GET', `/contacts/${ben.username}/connections`), 403, 'NOT_FRIENDS');
  await ask(ann, ben);
  assertRefused(await ann.call('GET', `/contacts/${ben.username}/connections`), 403, 'NOT_FRIENDS');
  const id = (await ask(ben, ann)).json.friendship_id;
  const { connection_id } = await ben.connect('http://127.0.0.1:9999/secret-path');
  const gone = await ben.connect('http://127.0.0.1:9999/', 'gone');
  await ben.ok('DELETE', `/agents/${gone.connection_id}`);
  const listed = await ann.ok('GET', `/contacts/${ben.username.toUpperCase()}/connections`);
  assert.deepEqual(listed, [
    {
      id: connection_id,
      framework: 'test',
      label: 'main',
      capabilities: [],
      routing_priority: 0,
      public_key: 'AAAAC3NzaC1lZDI1NTE5',
      public_key_alg: 'ed25519',
      status: 'active',
    },
  ]);
  await act(ben, id, 'block');
  assertRefused(await ann.call('GET', `/contacts/${ben.username}/connections`), 403, 'NOT_FRIENDS');
  assertRefused(await ann.call('GET', `/contacts/${ann.username}/connections`), 403, 'NOT_FRIENDS');
});

const block = (by: Client, username: string) => by.call('POST', '/friends/block', { username });

test('somebody is blocked by name, whoever has asked whom, or nobody, and never becomes a friend by that', async () => {
  for (const asked of ['nobody', 'ann', 'ben', 'friends']) {
    const [ann, ben] = await pair();
    if (asked === 'ann') await ask(ann, ben);
    if (asked === 'ben') await ask(ben, ann);
    if (asked === 'friends') await ann.befriend(ben);
    assert.deepEqual((await block(ann, ben.username.toUpperCase())).json, { success: true }, asked);
    assert.equal((await block(ann, ben.username)).status, 200, 'again');
    assertRefused(await ask(ben, ann), 403, 'BLOCKED');
    assertRefused(await ask(ann, ben), 403, 'BLOCKED');
    for (const who of [ann, ben]) assert.deepEqual(await list(who, 'accepted'), [], asked);
    assert.deepEqual(await list(ben, 'blocked'), [], 'who is blocked is not told');
    const [listed, ...others] = await list(ann, 'blocked');
    assert.deepEqual([listed.direction, others.length], ['sent', 0], asked);
  }
});

test('asking and withdrawing defeats no block', async () => {
  const [ann, ben] = await pair();
  const { friendship_id } = (await ask(ben, ann)).json;
  await block(ann, ben.username);
  assertRefused(await ben.call('DELETE', `/friends/${friendship_id}`), 404, 'NOT_FOUND');
  const [other, stranger] = await pair();
  const withdrawn = (await ask(stranger, other)).json.friendship_id;
  await stranger.ok('DELETE', `/friends/${withdrawn}`);
  await block(other, stranger.username);
  assertRefused(await ask(stranger, other), 403, 'BLOCKED');
});

test('a block by name is lifted by who made it, and leaves nothing', async () => {
  const [ann, ben] = await pair();
  await block(ann, ben.username);
  const [blocked] = await list(ann, 'blocked');
  assertRefused(await ben.call('DELETE', `/friends/${blocked.id}`), 404, 'NOT_FOUND');
  await ann.ok('DELETE', `/friends/${blocked.id}`);
  assert.equal((await ask(ben, ann)).status, 201);
  assertRefused(await block(ann, ann.username), 400, 'INVALID_REQUEST', ['username']);
  assertRefused(await block(ann, 'no-such-user'), 404, 'USER_NOT_FOUND');
});
