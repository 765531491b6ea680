import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld();

before(async () => {
  await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

const failed = { success: false, mode: 'callback' };

async function ping(user: Client, connectionId: string) {
  const { status, json } = await user.call('POST', `/agents/${connectionId}/ping`);
  assert.equal(status, 200);
  assert.ok(Number.isInteger(json.latency_ms) && json.latency_ms >= 0);
  const { latency_ms: _, last_seen: __, ...rest } = json;
  return rest;
}

test('a ping is a HEAD to the callback URL; any answer below 500 is a sign of life', async () => {
  const user = await world.nobody.register('pinged');
  const agent = await world.startAgent();
  const methods: (string | undefined)[] = [];
  let statusCode = 200;
  agent.behave = ({ method }, response) => {
    methods.push(method);
    response.writeHead(statusCode).end();
  };
  const { connection_id } = await user.connect(agent.url);
  for (statusCode of [200, 204, 302, 404, 405, 410]) {
    assert.deepEqual(await ping(user, connection_id), {
      success: true,
      mode: 'callback',
      status_code: statusCode,
    });
  }
  statusCode = 503;
  assert.deepEqual(await ping(user, connection_id), { success: false, mode: 'callback', status_code: 503 });
  assert.deepEqual(new Set(methods), new Set(['HEAD']));
  assert.equal(methods.length, 7, 'redirects are not followed');
});

test('a ping that succeeds is when the agent was last seen', async () => {
  const user = await world.nobody.register('seen');
  const { connection_id } = await user.connect((await world.startAgent()).url);
  const { json } = await user.call('POST', `/agents/${connection_id}/ping`);
  const [{ last_seen }] = await user.ok('GET', '/agents');
  assert.ok(Math.abs(Date.now() - Date.parse(last_seen)) < 60_000);
  assert.equal(json.last_seen, last_seen);
});

test('a failure is told in a word that says nothing of the network behind', async () => {
  const user = await world.nobody.register('unreachable');
  const agent = await world.startAgent();
  await agent.stop();
  const refusing = await user.connect(agent.url, 'refusing');
  assert.deepEqual(await ping(user, refusing.connection_id), { ...failed, error: 'connection' });

  const unknown = await user.connect('https://no-such-host.invalid/', 'unknown');
  assert.deepEqual(await ping(user, unknown.connection_id), { ...failed, error: 'dns' });

  const plain = await world.startAgent();
  const noTls = await user.connect(plain.url.replace('http:', 'https:'), 'no-tls');
  assert.deepEqual(await ping(user, noTls.connection_id), { ...failed, error: 'tls' });
});

test('an address that was allowed when the agent was registered is checked again', async () => {
  const user = await world.nobody.register('rebound');
  const { connection_id } = await user.connect((await world.startAgent()).url);
  await world.store.query(
    'update connections set callback_url = ? where id = ?',
    'http://169.254.169.254/',
    connection_id,
  );
  assert.deepEqual(await ping(user, connection_id), { ...failed, error: 'refused_address' });
});

test('an agent that does not answer is given up after five seconds', { timeout: 120_000 }, async () => {
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const user = await world.nobody.register('silent');
  const { port } = silent.address() as { port: number };
  const { connection_id } = await user.connect(`http://127.0.0.1:${port}/`);
  const { json } = await user.call('POST', `/agents/${connection_id}/ping`);
  silent.close();
  assert.deepEqual([json.success, json.error], [false, 'timeout']);
  assert.ok(json.latency_ms >= 4900 && json.latency_ms < 25_000, String(json.latency_ms));
});

test('a polling agent has no URL to ping: all is well with that, and it is no sign of life', async () => {
  const user = await world.nobody.register('poller');
  const { connection_id } = await user.ok('POST', '/agents', {
    framework: 'cli',
    label: 'a',
    mode: 'polling',
  });
  const { json } = await user.call('POST', `/agents/${connection_id}/ping`);
  assert.deepEqual(json, { success: true, latency_ms: 0, mode: 'polling' });
  assert.equal((await user.ok('GET', '/agents'))[0].health.state, 'never_seen');
  await user.fetch();
  assert.ok('last_seen' in (await user.call('POST', `/agents/${connection_id}/ping`)).json);
});

test('a ping brings a suspended agent back, but not an inactive one', async () => {
  const user = await world.nobody.register('revived');
  const { connection_id } = await user.connect((await world.startAgent()).url);
  for (const [status, after_ping] of [
    ['suspended', 'active'],
    ['inactive', 'inactive'],
  ]) {
    await world.store.query('update connections set status = ? where id = ?', status, connection_id);
    await ping(user, connection_id);
    assert.equal((await user.ok('GET', '/agents'))[0].status, after_ping);
  }
});
