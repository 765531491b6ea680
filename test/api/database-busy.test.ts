import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();
let ann: Client;
let ben: Client;
let cid: Client;

before(async () => {
  await world.startApi();
  [ann, ben, cid] = [
    await world.nobody.register('ann'),
    await world.nobody.register('ben'),
    await world.nobody.register('cid'),
  ];
  await ben.connect('http://127.0.0.1:9999/');
  await ann.befriend(ben);
});
after(() => world[Symbol.asyncDispose]());

const send = () =>
  ann.call(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'once' },
    { 'idempotency-key': 'while-busy' },
  );

test('while the database is locked writes are 503 with Retry-After, reads go on, and nothing is half-done', {
  timeout: 60_000,
}, async () => {
  {
    await using _lock = await world.store.lock();
    const writes = [
      send(),
      world.nobody.call('POST', '/auth/register', { username: 'dan' }),
      ann.call('POST', '/auth/rotate-key'),
      ann.call('POST', '/agents', { framework: 'f', label: 'l', mode: 'polling' }),
      ann.call('POST', '/friends/request', { username: 'cid' }),
    ];
    const ready = world.nobody.call('GET', '//ready');
    const health = await world.nobody.call('GET', '//health');
    assert.equal(health.status, 200);
    assert.equal((await ann.call('GET', '/auth/me')).status, 200);
    assert.equal((await ann.call('GET', '/messages')).status, 200);
    for (const write of await Promise.all(writes)) {
      assertRefused(write, 503, 'UNAVAILABLE');
      assert.ok(Number(write.headers.get('retry-after')) >= 1);
    }
    const { status, json } = await ready;
    assert.deepEqual([status, json], [503, { status: 'unready' }]);
  }
  const back = await world.nobody.call('GET', '//ready');
  assert.deepEqual([back.status, back.json], [200, { status: 'ready' }]);
  assert.deepEqual(await ann.ok('GET', '/messages'), []);
  assert.deepEqual(await ann.ok('GET', '/agents'), []);
  assert.deepEqual(await cid.ok('GET', '/friends?status=pending'), []);
  const sent = await send();
  assert.deepEqual([sent.status, 'deduplicated' in sent.json], [200, false]);
  assert.equal((await world.nobody.call('POST', '/auth/register', { username: 'dan' })).status, 201);
});

test('a lock that is soon gone is waited for', async () => {
  const lock = await world.store.lock();
  const sent = ann.send(ben, 'patience');
  setTimeout(() => void lock[Symbol.asyncDispose](), 500);
  assert.equal((await sent).status, 'pending');
});

test('health and readiness say no more than they must', async () => {
  const health = await world.nobody.call('GET', '//health');
  assert.deepEqual(Object.keys(health.json), ['status', 'timestamp']);
  assert.equal(health.json.status, 'ok');
  assert.equal(new Date(health.json.timestamp).toISOString(), health.json.timestamp);
  const { status, json } = await world.nobody.call('HEAD', '//health');
  assert.deepEqual([status, json], [200, '']);
  for (const path of ['//metrics', '/metrics'])
    assertRefused(await world.nobody.call('GET', path), 404, 'ROUTE_NOT_FOUND');
});
