import assert from 'node:assert/strict';
import { request as httpRequest, METHODS } from 'node:http';
import { after, before, test } from 'node:test';
import type { Answer, Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();
let nora: Client;

before(async () => {
  await world.startApi();
  nora = await world.nobody.register('nora');
});
after(() => world[Symbol.asyncDispose]());

/** Like `Client.call`, for what fetch cannot do: any method, any path, a body with any content type or none. */
function rawCall(method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = httpRequest(world.url, { method, path, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const json = text === '' ? '' : JSON.parse(text);
      const flat = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
      resolve({
        status: response.statusCode ?? 0,
        headers: new Headers([...flat.map(([n, v]) => [n, v] as [string, string])]),
        json,
      });
    });
  });
  outgoing.on('error', reject).end(body);
  return promise;
}

const authorization = () => ({ authorization: `Bearer ${nora.apiKey}` });

test('every answer has a request id: the one that was sent if it is usable, else a new one', async () => {
  for (const usable of ['a', 'A-z_0.9', 'x'.repeat(128)]) {
    const answer = await nora.call('GET', '/auth/me', undefined, { 'x-request-id': usable });
    assert.equal(answer.headers.get('x-request-id'), usable);
  }
  for (const unusable of ['', 'x'.repeat(129), 'a b', 'a/b', 'é', '<script>']) {
    const answer = await nora.call('GET', '/nowhere', undefined, { 'x-request-id': unusable });
    assert.match(answer.headers.get('x-request-id') ?? '', /^req_[0-9a-f]{20}[0-9a-z]+$/);
    assertRefused(answer, 404, 'ROUTE_NOT_FOUND');
  }
});

test('an unknown route is 404 ROUTE_NOT_FOUND, whoever asks, whatever the method and the body', async () => {
  for (const path of ['//api', '//api/v2/agents', '/agents/', '/Agents', '/agents/a/b', '//favicon.ico']) {
    assertRefused(await world.nobody.call('GET', path), 404, 'ROUTE_NOT_FOUND');
  }
  assertRefused(
    await nora.call('POST', '/nowhere', '{', { 'content-type': 'text/plain' }),
    404,
    'ROUTE_NOT_FOUND',
  );
  assertRefused(await rawCall('PROPFIND', '/nowhere'), 404, 'ROUTE_NOT_FOUND');
});

const PATHS = {
  '/': 'GET, HEAD',
  '/api/v1': 'GET, HEAD',
  '/health': 'GET, HEAD',
  '/ready': 'GET, HEAD',
  '/openapi.json': 'GET, HEAD',
  '/api/v1/auth/register': 'POST',
  '/api/v1/auth/rotate-key': 'POST',
  '/api/v1/auth/me': 'DELETE, GET, HEAD, PATCH',
  '/api/v1/agents': 'GET, HEAD, POST',
  '/api/v1/agents/conn_1': 'DELETE',
  '/api/v1/agents/conn_1/ping': 'POST',
  '/api/v1/agents/conn_1/recover': 'POST',
  '/api/v1/friends': 'GET, HEAD',
  '/api/v1/friends/request': 'POST',
  '/api/v1/friends/frnd_1': 'DELETE',
  '/api/v1/friends/frnd_1/accept': 'POST',
  '/api/v1/friends/frnd_1/reject': 'POST',
  '/api/v1/friends/frnd_1/block': 'POST',
  '/api/v1/contacts/nora/connections': 'GET, HEAD',
  '/api/v1/messages': 'GET, HEAD',
  '/api/v1/messages/send': 'POST',
  '/api/v1/messages/msg_1': 'DELETE, GET, HEAD',
  '/api/v1/deliveries': 'GET, HEAD',
  '/api/v1/deliveries/dlv_1/attempts': 'GET, HEAD',
  '/api/v1/deliveries/dlv_1/resend': 'POST',
  '/api/v1/inbox': 'GET',
  '/api/v1/inbox/ack': 'POST',
};

test('a wrong method on a known path is 405 with Allow, without a key and whatever the body', async () => {
  for (const [path, allowed] of Object.entries(PATHS)) {
    for (const method of METHODS.filter((name) => name !== 'CONNECT')) {
      const answer = await rawCall(method, path, { 'content-type': 'text/plain' });
      const isAllowed = allowed.split(', ').includes(method);
      assert.equal(answer.status === 405, !isAllowed, `${method} ${path}: ${answer.status}`);
      if (isAllowed) continue;
      assert.deepEqual(answer.headers.get('allow')?.split(', ').sort(), allowed.split(', '));
      if (method !== 'HEAD') assertRefused(answer, 405, 'METHOD_NOT_ALLOWED');
    }
  }
});

test('HEAD answers what GET does, without a body', async () => {
  for (const path of [
    '/auth/me',
    '/agents',
    '/friends',
    '/messages',
    '/deliveries',
    '/messages/msg_1',
    '//health',
  ]) {
    const [get, head] = [await nora.call('GET', path), await nora.call('HEAD', path)];
    assert.equal(head.status, get.status);
    assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
    assert.equal(head.json, '');
  }
});

test('what is not JSON is INVALID_JSON', async () => {
  const bodies = [
    'not json',
    '{"username":"tru',
    '{username:"a"}',
    "{'username':'a'}",
    '{"username":"a",}',
    '\0',
    'NaN',
    '{"a":1}{"b":2}',
    '[',
    ' ',
  ];
  for (const body of bodies) {
    assertRefused(await world.nobody.call('POST', '/auth/register', body), 400, 'INVALID_JSON');
  }
  for (const bytes of [
    [0xff, 0xfe],
    [0x22, 0xc3, 0x28, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
  ]) {
    const headers = { 'content-type': 'application/json' };
    const answer = await rawCall('POST', '/api/v1/auth/register', headers, Uint8Array.from(bytes));
    assertRefused(answer, 400, 'INVALID_JSON');
  }
});

test('an empty body is INVALID_JSON where one is needed', async () => {
  for (const headers of [
    {},
    { 'content-type': 'application/json' },
    { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' },
  ]) {
    assertRefused(await rawCall('POST', '/api/v1/auth/register', headers), 400, 'INVALID_JSON');
  }
});

test('a POST that needs no body takes none, an empty one and any JSON', async () => {
  const routes = [
    '/agents/x/ping',
    '/friends/x/accept',
    '/friends/x/reject',
    '/friends/x/block',
    '/deliveries/x/resend',
  ];
  for (const route of routes) {
    const post = (headers: Record<string, string>, body = '') =>
      rawCall('POST', `/api/v1${route}`, { ...authorization(), ...headers }, Buffer.from(body));
    assertRefused(await post({}), 404, 'NOT_FOUND');
    assertRefused(await post({ 'content-type': 'application/json' }), 404, 'NOT_FOUND');
    assertRefused(
      await post({ 'content-type': 'application/json', 'content-length': '0' }),
      404,
      'NOT_FOUND',
    );
    assertRefused(
      await post({ 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' }),
      404,
      'NOT_FOUND',
    );
    for (const body of ['{}', 'null', '[]', '"x"', '{"unknown":true}']) {
      assertRefused(await post({ 'content-type': 'application/json' }, body), 404, 'NOT_FOUND');
    }
    assertRefused(await post({ 'content-type': 'application/json' }, '{'), 400, 'INVALID_JSON');
  }
});

test('a DELETE takes a JSON content type without a body', async () => {
  for (const path of ['/api/v1/agents/x', '/api/v1/friends/x']) {
    const answer = await rawCall('DELETE', path, { ...authorization(), 'content-type': 'application/json' });
    assertRefused(answer, 404, 'NOT_FOUND');
  }
});

test('a body that is not sent as JSON is 415', async () => {
  const body = '{"username":"typed"}';
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'garbage',
    'text/json',
  ]) {
    const answer = await world.nobody.call('POST', '/auth/register', body, { 'content-type': type });
    assertRefused(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  const untyped = await rawCall('POST', '/api/v1/auth/register', {}, Buffer.from(body));
  assertRefused(untyped, 415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('a JSON content type may carry parameters, in any case', async () => {
  for (const [i, type] of [
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/json;charset=UTF-8',
  ].entries()) {
    const answer = await world.nobody.call(
      'POST',
      '/auth/register',
      { username: `typed-${i}` },
      { 'content-type': type },
    );
    assert.equal(answer.status, 201);
  }
});

test('a path that cannot be decoded is 400, with all headers of an answer', async () => {
  for (const path of [
    '/api/v1/messages/%',
    '/api/v1/messages/%zz',
    '/api/v1/messages/%E0%A4%A',
    '/%c0%ae%c0%ae/',
    '/api/v1/contacts/%ff/connections',
  ]) {
    const answer = await rawCall('GET', path, authorization());
    assertRefused(answer, 400, 'INVALID_REQUEST');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.notEqual(answer.headers.get('x-ratelimit-limit'), null);
  }
});

test('an id that is too long, encoded or hostile is just one that does not exist', async () => {
  const ids = [
    'x'.repeat(101),
    'x'.repeat(10_000),
    '%00',
    '%2e%2e%2f',
    "'%20or%201=1--",
    '%F0%9F%8C%8D',
    '%E2%80%AE',
    '__proto__',
    'constructor',
  ];
  for (const id of ids) {
    assertRefused(await rawCall('GET', `/api/v1/messages/${id}`, authorization()), 404, 'NOT_FOUND');
    assertRefused(await rawCall('GET', `/api/v1/messages/${id}`), 401, 'UNAUTHORIZED');
    assertRefused(await rawCall('DELETE', `/api/v1/agents/${id}`, authorization()), 404, 'NOT_FOUND');
    assertRefused(
      await rawCall('GET', `/api/v1/contacts/${id}/connections`, authorization()),
      404,
      'USER_NOT_FOUND',
    );
  }
});

test('health tells strangers that the process answers, and no more', async () => {
  const { status, json } = await world.nobody.call('GET', '//health');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json), ['status', 'timestamp']);
  assert.deepEqual((await world.nobody.call('GET', '//ready')).json, { status: 'ready' });
  for (const path of ['//metrics', '//debug', '/metrics']) {
    assert.equal((await world.nobody.call('GET', path)).status, 404, path);
  }
});

test('answers tell browsers to run, frame and guess nothing', async () => {
  for (const path of ['/auth/me', '/nowhere', '//health']) {
    const { headers } = await nora.call('GET', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('content-security-policy'), "default-src 'none';frame-ancestors 'none'");
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('strict-transport-security'), 'max-age=31536000');
    assert.equal(headers.get('x-powered-by'), null);
    assert.equal(headers.get('server'), null);
  }
});
