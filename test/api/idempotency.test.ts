import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld();
let ann: Client;
let ben: Client;

before(async () => {
  await world.startApi();
  await world.startWorker();
  ann = await world.nobody.register('ann');
  ben = await world.nobody.register('ben');
  await ben.connect((await world.startAgent()).url);
  await ann.befriend(ben);
});
after(() => world[Symbol.asyncDispose]());

const send = (body: Record<string, unknown>, key?: string, from = ann) =>
  from.call(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'hello', ...body },
    key === undefined ? {} : { 'idempotency-key': key },
  );

test('the same key and the same request are one message, with the original answer', async () => {
  const first = await send({}, 'same');
  assert.equal(first.status, 200);
  assert.equal('deduplicated' in first.json, false);
  assert.deepEqual((await send({}, 'same')).json, { ...first.json, deduplicated: true });
  await eventually(
    async () => (await ann.ok('GET', `/messages/${first.json.message_id}`)).status === 'delivered',
  );
  const late = await send({}, 'same');
  assert.equal(late.json.message_id, first.json.message_id);
  assert.equal(late.json.deduplicated, true);
  assert.equal(
    (await ann.ok('GET', '/messages')).filter(({ id }: { id: string }) => id === first.json.message_id)
      .length,
    1,
  );
});

test('the key may stand in the header, in the body or in both, and is the same key', async () => {
  const first = await send({ idempotency_key: 'placed' });
  for (const again of [await send({}, 'placed'), await send({ idempotency_key: 'placed' }, 'placed')]) {
    assert.deepEqual(again.json, { ...first.json, deduplicated: true });
  }
});

test('two different keys in one request are refused', async () => {
  assertRefused(await send({ idempotency_key: 'one' }, 'other'), 400, 'INVALID_REQUEST', ['idempotency_key']);
});

test('a key has 1 to 255 characters', async () => {
  assert.equal((await send({}, 'x'.repeat(255))).status, 200);
  assertRefused(await send({}, 'x'.repeat(256)), 400, 'INVALID_REQUEST', ['idempotency-key']);
  assertRefused(await send({}, ''), 400, 'INVALID_REQUEST', ['idempotency-key']);
  assertRefused(await send({ idempotency_key: 'x'.repeat(256) }), 400, 'INVALID_REQUEST', [
    'idempotency_key',
  ]);
});

test('the same key for another request is a conflict, whichever field differs', async () => {
  const { connection_id } = await ann.connect('http://127.0.0.1:9999/');
  const [{ id: bens }] = await ann.ok('GET', '/contacts/ben/connections');
  await send({}, 'conflict');
  const differences = [
    { message: 'hello ' },
    { recipient: 'cid' },
    { context: '' },
    { payload_type: 'text/markdown' },
    { correlation_id: 'c' },
    { in_response_to: 'm' },
    { encryption: { alg: 'a', key_id: 'k' } },
    { sender_signature: { alg: 'a', key_id: 'k', signature: 's' } },
    { routing_hints: { labels: ['a'] } },
    { routing_hints: { tags: ['a'] } },
    { recipient_connection_id: bens },
    { sender_connection_id: connection_id },
  ];
  for (const difference of differences) {
    assertRefused(await send(difference, 'conflict'), 422, 'IDEMPOTENCY_CONFLICT');
  }
});

test('what means the same is the same request: defaults, order, case of the recipient, unknown fields', async () => {
  const first = await send({ encryption: { alg: 'a', key_id: 'k' } }, 'equal');
  const equals = [
    { encryption: { key_id: 'k', alg: 'a' } },
    { encryption: { alg: 'a', key_id: 'k', unknown: 1 }, recipient: 'BEN' },
    {
      encryption: { alg: 'a', key_id: 'k' },
      recipient_type: 'user',
      payload_type: 'text/plain',
      routing_hints: {},
      unknown: 1,
    },
  ];
  for (const body of equals) {
    assert.deepEqual((await send(body, 'equal')).json, { ...first.json, deduplicated: true });
  }
});

test('many at once under one key are one message', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send({ correlation_id: 'at once' }, 'at-once')),
  );
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(new Set(answers.map(({ json }) => json.message_id)).size, 1);
  assert.equal(answers.filter(({ json }) => json.deduplicated).length, 19);
  assert.equal((await ann.ok('GET', '/messages?correlation_id=at%20once')).length, 1);
});

test('two APIs on one database agree on one message', async () => {
  const url = await world.startOtherApi();
  const through = (base: string) =>
    fetch(`${base}/api/v1/messages/send`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ann.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': 'two-apis',
      },
      body: JSON.stringify({ recipient: 'ben', message: 'hello' }),
    }).then((response) => response.json() as Promise<{ message_id: string }>);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => through(i % 2 === 0 ? url : world.url)),
  );
  assert.equal(new Set(answers.map(({ message_id }) => message_id)).size, 1);
});

test('a key belongs to its sender', async () => {
  const cid = await world.nobody.register('cid');
  await cid.befriend(ben);
  const [anns, cids] = [await send({}, 'shared'), await send({}, 'shared', cid)];
  assert.notEqual(anns.json.message_id, cids.json.message_id);
  assert.equal('deduplicated' in cids.json, false);
});

test('a request that was refused does not use up its key', async () => {
  assertRefused(await send({ recipient: 'dan' }, 'early'), 404, 'USER_NOT_FOUND');
  const dan = await world.nobody.register('dan');
  await dan.connect('http://127.0.0.1:9999/');
  await ann.befriend(dan);
  const sent = await send({ recipient: 'dan' }, 'early');
  assert.equal(sent.status, 200);
  assert.equal('deduplicated' in sent.json, false);
});

test('without a key the same request twice is two messages', async () => {
  const [first, second] = [await send({}), await send({})];
  assert.notEqual(first.json.message_id, second.json.message_id);
});
