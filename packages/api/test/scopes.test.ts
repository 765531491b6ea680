import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from './api-client.ts';
import { type TestApp, testApp } from './test-app.ts';

/** The routes that the contract allows each narrow scope; all others are refused. */
const AGENT = [
  'POST /messages/send',
  'GET /inbox',
  'POST /inbox/ack',
  'GET /events',
  'GET /notifications/ws',
  'GET /auth/me',
  'GET /auth/limits',
  'GET /friends',
  'GET /contacts/{username}/connections',
  'GET /messages/{id}',
];
/** These need no key. */
const PUBLIC = [
  'POST /auth/register',
  'POST /auth/sessions',
  'POST /auth/browser-login/attempts',
  'GET /auth/browser-login/attempts/{id}',
  'POST /auth/browser-login/attempts/{id}/redeem',
  'GET /health',
  'GET /ready',
];
/** It shows codes to approve, which such a key may not do. */
const NOT_FOR_READERS = ['GET /inbox', 'GET /auth/browser-login/diagnostics'];

let here: TestApp;
let ann: string;
let ben: string;
const ids: Record<string, string> = {};
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '10000' });
  ann = await api.register('ann');
  ben = await api.register('ben');
  const { friendship_id } = await api.ok(ann, 'POST', '/friends/request', { username: 'ben' });
  await api.call(ben, 'POST', `/friends/${friendship_id}/accept`);
  for (const label of ['one', 'two']) {
    const agent = { framework: 'test', label, mode: 'polling' };
    ids[label] = (await api.call(ann, 'POST', '/agents', agent)).json.connection_id;
  }
  ids['bens'] = (
    await api.call(ben, 'POST', '/agents', { framework: 'test', label: 'b', mode: 'polling' })
  ).json.connection_id;
  for (const [name, scope, connection_id] of [
    ['read', 'read'],
    ['one', 'agent', ids['one']],
  ] as const) {
    ids[`${name}-key`] = (
      await api.call(ann, 'POST', '/auth/keys', { name, scope, connection_id })
    ).json.api_key;
  }
  for (const label of ['one', 'two']) {
    const to = { recipient: 'ann', message: `to ${label}`, recipient_connection_id: ids[label] };
    const { message_id, delivery_id } = (await api.call(ben, 'POST', '/messages/send', to)).json;
    ids[`message-${label}`] = message_id;
    ids[`delivery-${label}`] = delivery_id;
  }
});
after(() => here[Symbol.asyncDispose]());

const keyFor = (name: string) => ids[`${name}-key`] ?? '';

test('each route is open to the scopes that the contract names, and to no other', async () => {
  for (const route of api.routes()) {
    if (PUBLIC.includes(route)) continue;
    // Streams would not end here; another test tries them over the network.
    if (route === 'GET /events') continue;
    const [method = '', path = ''] = route.split(' ');
    const url = path.replace('{id}', 'none').replace('{username}', 'nobody');
    const allowed = {
      one: AGENT.includes(route),
      read: method === 'GET' && !NOT_FOR_READERS.includes(route) && !path.startsWith('/admin/'),
    };
    for (const [name, isAllowed] of Object.entries(allowed)) {
      const { status, json } = await api.call(keyFor(name), method, url);
      const isRefused = status === 403 && json.code === 'INSUFFICIENT_SCOPE';
      assert.equal(isRefused, !isAllowed, `${name}: ${route} ${status} ${JSON.stringify(json)}`);
    }
  }
});

test('what is refused is refused before its body is read, and HEAD is as GET', async () => {
  const refused = await here.app.inject({
    method: 'POST',
    url: '/api/v1/policies',
    headers: { authorization: `Bearer ${keyFor('read')}`, 'content-type': 'application/json' },
    payload: '{',
  });
  assert.deepEqual([refused.statusCode, refused.json().code], [403, 'INSUFFICIENT_SCOPE']);
  assert.equal((await api.call(keyFor('read'), 'HEAD', '/agents')).status, 200);
  assert.equal((await api.call(keyFor('one'), 'HEAD', '/agents')).status, 403);
});

test('a path that no route has is not found, whatever the scope', async () => {
  assert.equal((await api.call(keyFor('one'), 'GET', '/nowhere')).json.code, 'ROUTE_NOT_FOUND');
  assert.equal((await api.call(keyFor('one'), 'PUT', '/agents')).json.code, 'METHOD_NOT_ALLOWED');
});

test('an agent’s key sends in the name of its agent, and of no other', async () => {
  const send = (more: object) =>
    api.call(keyFor('one'), 'POST', '/messages/send', { recipient: 'ben', message: 'hello', ...more });
  const { message_id } = (await send({})).json;
  const row = await here.db.kysely
    .selectFrom('messages')
    .select('sender_connection_id')
    .where('id', '=', message_id)
    .executeTakeFirst();
  assert.equal(row?.sender_connection_id, ids['one']);
  assert.equal((await send({ sender_connection_id: ids['one'] })).status, 200);
  assert.equal((await send({ sender_connection_id: ids['two'] })).json.code, 'INSUFFICIENT_SCOPE');
  ids['message-sent'] = message_id;
});

test('an agent’s key sees the messages of its agent, and not those of another', async () => {
  const other = await api.call(ann, 'POST', '/messages/send', {
    recipient: 'ben',
    message: 'by another',
    sender_connection_id: ids['two'],
  });
  const codes = [];
  for (const id of [ids['message-one'], ids['message-two'], ids['message-sent'], other.json.message_id]) {
    const { status, json } = await api.call(keyFor('one'), 'GET', `/messages/${id}`);
    codes.push(json.code ?? status);
  }
  assert.deepEqual(codes, [200, 'NOT_FOUND', 200, 'NOT_FOUND']);
});

test('an agent’s key fetches and acknowledges from its own inbox alone', async () => {
  const to = { recipient: 'ann', message: 'another', recipient_connection_id: ids['one'] };
  const { delivery_id } = await api.ok(ben, 'POST', '/messages/send', to);
  const fetched = await api.call(keyFor('one'), 'GET', '/inbox');
  assert.deepEqual(
    fetched.json.map((message: { message: string }) => message.message),
    ['another'],
  );
  const other = await api.call(keyFor('one'), 'GET', `/inbox?connection_id=${ids['two']}`);
  assert.equal(other.json.code, 'INSUFFICIENT_SCOPE');
  assert.equal((await api.call(ann, 'GET', `/inbox?connection_id=${ids['two']}`)).json.length, 1);
  const delivery_ids = [delivery_id, ids['delivery-two']];
  assert.equal((await api.call(keyFor('one'), 'POST', '/inbox/ack', { delivery_ids })).json.acknowledged, 1);
});

test('an agent’s key hears what happens with its agent', async () => {
  await here.app.listen({ port: 0, host: '127.0.0.1' });
  const address = here.app.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const stop = new AbortController();
  const stream = await fetch(`http://127.0.0.1:${port}/api/v1/events?last_event_id=0`, {
    headers: { authorization: `Bearer ${keyFor('one')}` },
    signal: stop.signal,
  });
  let heard = '';
  const decoder = new TextDecoder();
  const last = (
    await api.call(ann, 'POST', '/messages/send', {
      recipient: 'ben',
      message: 'unheard',
      sender_connection_id: ids['two'],
    })
  ).json;
  const marker = await api.call(keyFor('one'), 'POST', '/messages/send', {
    recipient: 'ben',
    message: 'heard',
  });
  const fetched = await api.call(ben, 'GET', '/inbox');
  const delivery_ids = fetched.json.map((message: { delivery_id: string }) => message.delivery_id);
  await api.call(ben, 'POST', '/inbox/ack', { delivery_ids });
  for await (const chunk of stream.body ?? []) {
    heard += decoder.decode(chunk, { stream: true });
    if (heard.includes(marker.json.message_id)) break;
  }
  stop.abort();
  assert.ok(heard.includes(ids['message-one'] ?? '-'));
  assert.ok(!heard.includes(ids['message-two'] ?? '-'));
  assert.ok(!heard.includes(last.message_id));
  assert.ok(!heard.includes('friend_'));
});

test('a connection that is deleted takes its keys along', async () => {
  await api.call(ann, 'DELETE', `/agents/${ids['one']}`);
  assert.equal((await api.call(keyFor('one'), 'GET', '/auth/me')).status, 401);
  assert.equal((await api.call(keyFor('read'), 'GET', '/auth/me')).status, 200);
});
