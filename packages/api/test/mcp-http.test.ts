import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { ApiClient } from './api-client.ts';
import { CommitListeners } from './commit-listeners.ts';
import { McpHost } from './mcp-host.ts';
import { type TestApp, testApp } from './test-app.ts';
import { until } from './until.ts';

let here: TestApp;
let url: string;
const listeners = new CommitListeners();
const api = new ApiClient(() => here.app);

before(async () => {
  here = await testApp(listeners.watch, {
    RATE_LIMIT: '10000',
    STREAMS_PER_USER: '1',
    AGENTS_PER_USER: '1',
    STREAM_HEARTBEAT_MS: '50',
    PUBLIC_URL: 'https://mahilo.example',
  });
  url = await here.app.listen({ host: '127.0.0.1', port: 0 });
});

after(() => here[Symbol.asyncDispose]());

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** A bare request to `/mcp`. */
async function post(headers: Readonly<Record<string, string>>, body: unknown = PING): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe('Before the protocol', () => {
  test('a missing key, a foreign page and other mistakes are refused in a form that hosts read', async () => {
    const key = await api.register('mia');
    const readKey = (await api.ok(key, 'POST', '/auth/keys', { name: 'read', scope: 'read' })).api_key;
    const own = bearer(key);
    const cases: [Response, status: number, code: string][] = [
      [await post({}), 401, 'UNAUTHORIZED'],
      [await post(bearer(`${key}x`)), 401, 'UNAUTHORIZED'],
      [await post(bearer(readKey)), 403, 'INSUFFICIENT_SCOPE'],
      [await post({ ...own, origin: 'https://elsewhere.example' }), 403, 'FORBIDDEN'],
      [await post({ ...own, origin: 'null' }), 403, 'FORBIDDEN'],
      [await post(own, '{'), 400, 'INVALID_JSON'],
      [await post(own, ''), 400, 'INVALID_JSON'],
      [await post(own, [PING, PING]), 400, 'INVALID_REQUEST'],
      [await post(own, { ...PING, id: 'x'.repeat(256) }), 400, 'INVALID_REQUEST'],
      [await post({ ...own, 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ];
    for (const [answer, status, code] of cases) {
      const { error, id } = (await answer.json()) as { error: { data?: { code: string } }; id?: unknown };
      assert.deepEqual([answer.status, error.data?.code, id], [status, code, undefined]);
    }
    assert.equal((await post({})).headers.get('www-authenticate'), 'Bearer realm="mahilo"');
    assert.equal((await post({ ...own, origin: 'http://localhost:1234' })).status, 200);
    assert.equal((await post({ ...own, origin: 'https://mahilo.example' })).status, 200);
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetch(`${url}/mcp`, { method, headers: own });
      assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'POST']);
    }
    // A host would try OAuth instead of its user's key.
    for (const path of [
      'oauth-protected-resource',
      'oauth-authorization-server',
      'oauth-protected-resource/mcp',
    ]) {
      assert.equal((await fetch(`${url}/.well-known/${path}`)).status, 404);
    }
  });

  test('parameters that the SDK does not take are named as everywhere', async () => {
    const own = { ...bearer(await api.register('pia')), 'mcp-protocol-version': '2025-11-25' };
    const refused = async (method: string, params: unknown) => {
      const text = await (await post(own, { jsonrpc: '2.0', id: 7, method, params })).text();
      const { id, error } = JSON.parse(text.slice(text.indexOf('{')));
      assert.equal(id, 7);
      return [error.code, error.data?.code, error.message];
    };
    const invalid = (sentence: string) => [-32_602, 'INVALID_REQUEST', sentence];
    const list = { name: 'list_friends' };
    assert.deepEqual(
      await refused('tools/call', { ...list, arguments: [] }),
      invalid('params.arguments must be object.'),
    );
    assert.deepEqual(await refused('tools/call', { name: 5 }), invalid('params.name must be string.'));
    assert.deepEqual(
      await refused('tools/call', { arguments: 'x' }),
      invalid('params.name must be string; params.arguments must be object.'),
    );
    assert.deepEqual(await refused('resources/read', { uri: {} }), invalid('params.uri must be string.'));
    assert.deepEqual(await refused('resources/read', {}), invalid('params.uri must be string.'));
  });

  test('a loopback page is refused by a registry that is reached by another name', async () => {
    const headers = {
      ...bearer(await api.register('nils')),
      host: 'mahilo.example',
      'content-type': 'application/json',
    };
    const asked = (origin: string) =>
      here.app.inject({ method: 'POST', url: '/mcp', headers: { ...headers, origin }, payload: PING });
    assert.equal((await asked('http://localhost:1234')).statusCode, 403);
  });

  test('the first request opens a mailbox, and a later one leaves it as it is', async () => {
    const key = await api.register('olga');
    await post(bearer(key));
    const [mailbox] = await api.ok(key, 'GET', '/agents');
    assert.deepEqual([mailbox.framework, mailbox.label, mailbox.mode], ['mcp', 'mailbox', 'polling']);
    await Promise.all([1, 2, 3].map(() => post(bearer(key))));
    assert.deepEqual(await api.ok(key, 'GET', '/agents'), [mailbox]);
  });

  test('without room for a mailbox what needs none works, and the rest says why not', async () => {
    const key = await api.register('paul');
    await api.ok(key, 'POST', '/agents', { framework: 'test', label: 'only', mode: 'polling' });
    await using host = await McpHost.connect(url, key);
    assert.equal((await host.ok('list_friends')).me, 'paul');
    assert.equal(await host.refused('check_inbox'), 'QUOTA_EXCEEDED');
    assert.equal(await host.refused('send_message', { to: 'paul', message: 'x' }), 'QUOTA_EXCEEDED');
  });
});

test('more than RATE_LIMIT requests are refused as everywhere, in a form that hosts read', async () => {
  await using slow = await testApp(() => ({}), { RATE_LIMIT: '2' });
  const registered = await slow.app.inject({
    method: 'POST',
    url: '/api/v1/auth/register',
    payload: { username: 'uma' },
  });
  const headers = {
    ...bearer(registered.json().api_key),
    accept: 'application/json, text/event-stream',
  };
  const answers = await Promise.all(
    [1, 2, 3].map(() => slow.app.inject({ method: 'POST', url: '/mcp', headers, payload: PING })),
  );
  assert.deepEqual(answers.map(({ statusCode }) => statusCode).sort(), [200, 200, 429]);
  const refused = answers.find(({ statusCode }) => statusCode === 429);
  assert.equal(refused?.json().error.data.code, 'RATE_LIMITED');
  assert.match(String(refused?.headers['retry-after']), /^\d+$/);
});

describe('Waits', () => {
  test('end when the client leaves, and count as its user’s streams', { timeout: 60_000 }, async () => {
    const key = await api.register('quin');
    await using host = await McpHost.connect(url, key);
    const idle = listeners.count;
    const left = new AbortController();
    const waiting = host.call('check_inbox', { wait_seconds: 25 }, left.signal);
    await until(() => listeners.count > idle);
    assert.equal(await host.refused('check_inbox', { wait_seconds: 1 }), 'TOO_MANY_STREAMS');
    assert.deepEqual((await host.ok('check_inbox')).messages, []);
    left.abort();
    await assert.rejects(waiting);
    await until(() => listeners.count <= idle);
    assert.deepEqual((await host.ok('check_inbox', { wait_seconds: 0 })).messages, []);
  });
});

describe('Subscriptions', () => {
  /** Opens a stream with any request. @returns what arrives. */
  async function listen(key: string, uris: readonly string[], at = url): Promise<IncomingMessage> {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const params = { _meta, notifications: { resourceSubscriptions: uris } };
    const headers = {
      ...bearer(key),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    };
    return new Promise((resolve, reject) => {
      httpRequest(`${at}/mcp`, { method: 'POST', headers }, resolve)
        .on('error', reject)
        .end(JSON.stringify({ jsonrpc: '2.0', id: 'sub', method: 'subscriptions/listen', params }));
    });
  }

  /** Reads on until a text has arrived, or the stream ends. @returns all that has arrived since. */
  async function readUntil(stream: IncomingMessage, text: string): Promise<string> {
    let read = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      read += chunk;
      if (read.includes(text)) break;
    }
    return read;
  }

  test('tell of one’s own mail, and nobody of another’s', { timeout: 60_000 }, async () => {
    const [key, evesKey] = [await api.register('rosa'), await api.register('evan')];
    const saraKey = await api.register('sara');
    await api.ok(key, 'POST', '/friends/request', { username: 'sara' });
    await api.ok(saraKey, 'POST', '/friends/request', { username: 'rosa' });
    await using host = await McpHost.connect(url, key);
    const uri = 'mahilo://rosa/inbox';
    assert.deepEqual(
      (await host.client.listResources()).resources.map((resource) => resource.uri),
      [uri],
    );

    const updates: string[] = [];
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    host.client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updates.push(params.uri);
      tell();
    });
    const subscription = await host.client.listen({ resourceSubscriptions: [uri] });
    await using eve = await McpHost.connect(url, evesKey);
    await assert.rejects(eve.client.readResource({ uri }), /not found/i);
    const eavesdropping = await listen(evesKey, [uri, 'mahilo://evan/inbox']);
    const acknowledged = await readUntil(eavesdropping, 'acknowledged');
    assert.doesNotMatch(acknowledged, /rosa/);

    await api.ok(saraKey, 'POST', '/messages/send', { recipient: 'rosa', message: 'hi' });
    await told;
    assert.deepEqual(updates, [uri]);
    const { contents } = await host.client.readResource({ uri });
    assert.match(JSON.stringify(contents), /hi/);
    assert.doesNotMatch(await readUntil(eavesdropping, 'keepalive'), /updated/);
    eavesdropping.destroy();
    await subscription.close();
  });

  test('end with the key, and release their room', { timeout: 60_000 }, async () => {
    const key = await api.register('tess');
    const stream = await listen(key, ['mahilo://tess/inbox']);
    await readUntil(stream, 'acknowledged');
    const second = await listen(key, ['mahilo://tess/inbox']);
    assert.equal(second.statusCode, 429);
    second.resume();
    const { api_key } = await api.ok(key, 'POST', '/auth/rotate-key');
    await readUntil(stream, 'this never comes');
    const third = await listen(api_key, ['mahilo://tess/inbox']);
    assert.equal(third.statusCode, 200);
    third.destroy();
  });

  test('are ended by a stop of the process, as the protocol has it', { timeout: 60_000 }, async () => {
    const stopping = await testApp(() => ({}));
    const address = await stopping.app.listen({ host: '127.0.0.1', port: 0 });
    const { api_key } = (
      await stopping.app.inject({
        method: 'POST',
        url: '/api/v1/auth/register',
        payload: { username: 'vera' },
      })
    ).json();
    const stream = await listen(api_key, ['mahilo://vera/inbox'], address);
    await readUntil(stream, 'acknowledged');
    const rest = readUntil(stream, 'this never comes');
    await stopping[Symbol.asyncDispose]();
    assert.match(await rest, /"id":"sub","result":\{/);
  });
});
