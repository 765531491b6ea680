import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import type { App } from '../src/deps.ts';
import { Budget } from '../src/http/budget.ts';
import { ClientAddresses, registerClientAddress } from '../src/http/client-address.ts';
import { registerTransfers } from '../src/http/transfers.ts';
import { head, type RawClient, rawClients } from './raw-client.ts';
import { testApp } from './test-app.ts';
import { until } from './until.ts';

const options = { timeout: 120_000 };

/** The largest body is then 71,536 bytes, and there is room for four of them. */
const SMALL = { MAX_PAYLOAD_SIZE: '1000', MAX_REQUEST_BYTES: '1', RATE_LIMIT: '10000' };
const LARGEST_BODY = 71_536;

async function crowded(environment: Readonly<Record<string, string>>) {
  const here = await testApp(() => ({}), environment);
  const open = await rawClients(here.app);
  const register = async (username: string): Promise<string> =>
    (await here.app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: { username } })).json()
      .api_key;
  return { ...here, open, register };
}

test('connections that ask nothing make room for those that do: the longest first', options, async () => {
  await using here = await crowded({ MAX_CONNECTIONS: '10' });
  const hostile: RawClient[] = [];
  for (let i = 0; i < 30; i++) hostile.push(await here.open(head('GET', '/auth/me', undefined)));
  await until(() => hostile.filter((client) => client.isClosed()).length >= 20);
  assert.deepEqual(
    hostile.map((client) => client.isClosed()),
    hostile.map((_, i) => i < 20),
  );
  const honest = await here.open('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => honest.received().includes('200 OK'));
  for (let i = 0; i < 9; i++) hostile.push(await here.open(head('GET', '/auth/me', undefined)));
  honest.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => honest.received().split('200 OK').length === 3);
});

test('with connections at work everywhere a newcomer is told to come back', options, async () => {
  await using here = await crowded({ MAX_CONNECTIONS: '3', MAX_STREAMS: '10' });
  const key = await here.register('ann');
  const working: RawClient[] = [];
  for (let i = 0; i < 3; i++) {
    const stream = await here.open(`${head('GET', '/events', key)}\r\n`);
    await until(() => stream.received().includes('event: connection'));
    working.push(stream);
  }
  const newcomer = await here.open(`${head('GET', '/auth/me', key)}\r\n`);
  await until(() => newcomer.isClosed());
  assert.match(newcomer.received(), /^HTTP\/1\.1 503 .*\r\nRetry-After: 5\r\n.*"code":"UNAVAILABLE"/s);
  working[0]?.socket.destroy();
  await until(() => here.app.budgets.connections.used < 3);
  const next = await here.open(`${head('GET', '/auth/me', key)}\r\n`);
  await until(() => next.received().includes('200 OK'));
});

test('bodies that are held one byte short make room for those that arrive', options, async () => {
  await using here = await crowded(SMALL);
  const json = ['Content-Type: application/json', `Content-Length: ${LARGEST_BODY}`];
  const short = 'x'.repeat(LARGEST_BODY - 1);
  const hold = async (name: string) => {
    const key = await here.register(name);
    return here.open(`${head('POST', '/messages/send', key, ...json)}\r\n${short}`);
  };
  const held: RawClient[] = [];
  for (let i = 0; i < 8; i++) {
    held.push(await hold(`eve-${i}`));
    const full = () => here.app.budgets.requestBytes.used === Math.min(i + 1, 4) * LARGEST_BODY;
    await until(() => full() && held.filter((client) => client.isClosed()).length === Math.max(0, i - 3));
  }
  assert.deepEqual(
    held.map((client) => client.isClosed()),
    held.map((_, i) => i < 4),
  );
  const ann = await here.register('ann');
  const body = JSON.stringify({ recipient: 'nobody-here', message: 'x', context: 'y'.repeat(20_000) });
  const length = `Content-Length: ${body.length}`;
  const honest = await here.open(`${head('POST', '/messages/send', ann, json[0] ?? '', length)}\r\n${body}`);
  await until(() => honest.received().includes('context must have at most 4096'));
  assert.ok(held[4]?.isClosed());
  for (const client of held) client.socket.destroy();
  await until(() => here.app.budgets.requestBytes.used === 0);
});

test(
  'a user has a part of the bytes in flight; a body in chunks counts as the largest',
  options,
  async () => {
    await using here = await crowded(SMALL);
    const eve = await here.register('eve');
    const json = 'Content-Type: application/json';
    const chunked = `${head('POST', '/messages/send', eve, json, 'Transfer-Encoding: chunked')}\r\n1\r\n{\r\n`;
    const first = await here.open(chunked);
    await until(() => here.app.budgets.requestBytes.used === LARGEST_BODY);
    const second = await here.open(chunked);
    await until(() => second.received().includes('QUOTA_EXCEEDED'));
    assert.match(second.received(), /^HTTP\/1\.1 429 .*"path":"request_bytes_per_client"/s);
    assert.match(second.received(), /retry-after: 5\r\n/i);
    assert.equal(first.isClosed(), false);
    for (const { socket } of [first, second]) socket.destroy();
  },
);

test('small bodies that a trusted proxy passes on as they come are bounded, too', options, async () => {
  await using here = await crowded({ ...SMALL, TRUST_PROXY: '127.0.0.0/8' });
  const json = ['Content-Type: application/json', 'Content-Length: 100'];
  const held: RawClient[] = [];
  for (let i = 0; i < 40; i++) {
    const eve = await here.register(`eve-${i}`);
    const from = `X-Forwarded-For: 203.0.113.${i % 20}`;
    held.push(await here.open(`${head('POST', '/messages/send', eve, from, ...json)}\r\n{`));
  }
  await until(() => held.filter((client) => client.isClosed()).length >= 6);
  const { used, limit } = here.app.budgets.requestBytes;
  assert.ok(used <= limit && used > limit / 2, `${used} of ${limit}`);
  for (const { socket } of held) socket.destroy();
});

test('polls and streams share a bound of the user; a send without room does not wait', options, async () => {
  await using here = await crowded({ STREAMS_PER_USER: '2' });
  const ann = await here.register('ann');
  const call = (method: 'GET' | 'POST', url: string, payload?: object, more: Record<string, string> = {}) =>
    here.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { authorization: `Bearer ${ann}`, ...more },
      ...(payload && { payload }),
    });
  await call('POST', '/agents', { framework: 'f', label: 'l', mode: 'polling' });
  const poll = await here.open(`${head('GET', '/inbox?wait=30', ann)}\r\n`);
  const stream = await here.open(`${head('GET', '/events', ann)}\r\n`);
  await until(() => here.app.budgets.streams.used === 2);
  for (const url of ['/inbox?wait=1', '/events']) {
    const refused = await call('GET', url);
    assert.deepEqual([refused.statusCode, refused.json().code], [429, 'TOO_MANY_STREAMS'], url);
    assert.equal(refused.headers['retry-after'], '5');
  }
  assert.equal((await call('GET', '/inbox')).statusCode, 200, 'what does not wait is no poll');
  const ben = await here.register('ben');
  await here.app.inject({
    method: 'POST',
    url: '/api/v1/friends/request',
    headers: { authorization: `Bearer ${ben}` },
    payload: { username: 'ann' },
  });
  await call('POST', '/friends/request', { username: 'ben' });
  await here.app.inject({
    method: 'POST',
    url: '/api/v1/agents',
    headers: { authorization: `Bearer ${ben}` },
    payload: { framework: 'f', label: 'l', mode: 'polling' },
  });
  const sent = await call(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'hi' },
    { prefer: 'wait=30' },
  );
  assert.equal(sent.json().status, 'pending');
  assert.equal(sent.headers['preference-applied'], undefined);
  stream.socket.destroy();
  poll.socket.destroy();
  await until(() => here.app.budgets.streams.used === 0);
});

test('when there is no room for a stream, the user with the most loses the oldest', options, async () => {
  await using here = await crowded({ MAX_STREAMS: '6', STREAMS_PER_USER: '5' });
  const [ann, eve] = [await here.register('ann'), await here.register('eve')];
  const watch = async (key: string) => {
    const stream = await here.open(`${head('GET', '/events', key)}\r\n`);
    await until(() => stream.received().includes('event: connection'));
    return stream;
  };
  const honest = await watch(ann);
  const hostile: RawClient[] = [];
  for (let i = 0; i < 5; i++) hostile.push(await watch(eve));
  const mallory = await here.register('mallory');
  for (let i = 0; i < 3; i++) hostile.push(await watch(mallory));
  const hasEnded = (client: RawClient) => client.received().endsWith('\r\n0\r\n\r\n');
  await until(() => hostile.filter(hasEnded).length === 3);
  assert.deepEqual(hostile.map(hasEnded), [true, true, true, false, false, false, false, false]);
  assert.equal(hasEnded(honest), false);
});

test('a client that takes nothing of its answer is let go, a slow one is not', options, async (t) => {
  const app: App = fastify();
  t.after(() => app.close());
  const unbounded = new Budget({
    limits: { all: 1e12, user: 1e12, address: 1e12 },
    clock: { monotonicMs: () => 0 },
    graceMs: { user: 0, address: 0 },
    refusal: () => new Error('never') as never,
    onClosed: () => undefined,
  });
  const addresses = new ClientAddresses(undefined);
  registerClientAddress(app, (request) => addresses.clientOf(request));
  registerTransfers(app, {
    requestBytes: unbounded,
    responseBytes: unbounded,
    // Longer than a busy machine keeps the reader below from its turn.
    stalledMs: 2000,
    userIdOf: () => undefined,
    addresses,
  });
  const page = 'x'.repeat(20_000_000);
  app.get('/api/v1/page', () => page);
  const open = await rawClients(app);
  const stalled = await open(`${head('GET', '/page', undefined)}\r\n`);
  stalled.socket.pause();
  const slow = await open(`${head('GET', '/page', undefined)}\r\n`);
  const reading = setInterval(() => {
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 30);
  }, 40);
  await until(() => slow.received().length > page.length);
  clearInterval(reading);
  await until(() => unbounded.used === 0);
  stalled.socket.resume();
  await until(() => stalled.isClosed());
  assert.ok(stalled.received().length < page.length);
});
