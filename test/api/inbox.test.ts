import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Client } from '../world/client.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import { assertRefused } from './refusal.ts';

const world = new InProcessWorld({ MAX_PAYLOAD_SIZE: '2000000' });

before(() => world.startApi());
after(() => world[Symbol.asyncDispose]());

let pairs = 0;

interface Scene {
  ann: Client;
  ben: Client;
  connectionId: string;
}

/** Ann, and her friend Ben, whose agent polls. */
async function scene(): Promise<Scene> {
  pairs += 1;
  const [ann, ben] = [
    await world.nobody.register(`ann-${pairs}`),
    await world.nobody.register(`ben-${pairs}`),
  ];
  await ann.befriend(ben);
  return { ann, ben, connectionId: await ben.connectPolling() };
}

const textsOf = (fetched: { message: string }[]) => fetched.map(({ message }) => message);

/** Changes the database behind the product's back, so that time passes at once. */
const change = (statement: string, ...parameters: unknown[]) => world.store.query(statement, ...parameters);

const expireLeases = ({ connectionId }: Scene) =>
  change("update outbox set lease_expires_at = 1 where connection_id = ? and state = 'leased'", connectionId);

test('a polling agent fetches what a callback would have said', async () => {
  const { ann, ben, connectionId } = await scene();
  const signature = { alg: 'ed25519', key_id: 'k1', signature: 'c2ln' };
  const sent = await ann.send(ben, 'Grüße, 世界 🌍', {
    correlation_id: 'c-1',
    context: 'first contact',
    encryption: { alg: 'x25519', key_id: 'k2' },
    sender_signature: signature,
  });
  const answer = await ben.call('GET', `/inbox?connection_id=${connectionId}`);
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const [{ sender_user_id, timestamp, receipt, ...message }, ...others] = answer.json;
  assert.match(receipt, /^dlv_\w+\.[\w-]+$/);
  assert.deepEqual(others, []);
  assert.deepEqual(message, {
    message_id: sent.message_id,
    delivery_id: sent.delivery_id,
    correlation_id: 'c-1',
    recipient_connection_id: connectionId,
    sender: ann.username,
    sender_agent: 'agent',
    message: 'Grüße, 世界 🌍',
    payload_type: 'text/plain',
    encryption: { alg: 'x25519', key_id: 'k2' },
    sender_signature: signature,
    context: 'first contact',
  });
  assert.match(sender_user_id, /^usr_/);
  assert.equal(new Date(timestamp).toISOString(), timestamp);
});

test('what is fetched belongs to the caller until it is acknowledged, which settles it as delivered', async () => {
  const { ann, ben } = await scene();
  const { message_id, delivery_id } = await ann.send(ben, 'hello');
  const fetched = await ben.fetch();
  assert.deepEqual(textsOf(fetched), ['hello']);
  assert.deepEqual(await ben.fetch(), []);
  assert.equal((await ann.ok('GET', `/messages/${message_id}`)).deliveries[0].status, 'leased');

  assert.equal(await ben.acknowledge(fetched), 1);
  const message = await ann.ok('GET', `/messages/${message_id}`);
  assert.deepEqual(
    [message.status, message.deliveries[0].status, message.deliveries[0].attempts],
    ['delivered', 'delivered', 1],
  );
  assert.equal(message.delivered_at, message.deliveries[0].delivered_at);
  const [attempt, ...others] = await ben.ok('GET', `/deliveries/${delivery_id}/attempts`);
  assert.deepEqual([attempt.attempt, attempt.outcome, others], [1, 'delivered', []]);
  assert.ok(attempt.duration_ms >= 0 && attempt.duration_ms < 60_000);
  assert.ok(Date.parse(attempt.started_at) >= Date.parse(message.created_at));
  assert.deepEqual(await ben.fetch(), []);
});

test('an acknowledgement can be repeated, and counts what it settled itself', async () => {
  const now = await scene();
  const { ann, ben } = now;
  await ann.send(ben, 'one');
  const [one] = await ben.fetch();
  const two = { delivery_id: (await ann.send(ben, 'two')).delivery_id };
  const other = await scene();
  await other.ann.send(other.ben, 'not yours');
  const [foreign] = await other.ben.fetch();
  const all = [one, one, two, foreign, { delivery_id: 'dlv_unknown' }, { delivery_id: '' }];

  assert.equal(await ben.acknowledge([]), 0);
  assert.equal(
    await ben.acknowledge(all),
    1,
    'of the fetched one; not of what is new, another’s, or no delivery',
  );
  assert.equal(await ben.acknowledge(all), 0);
  assert.deepEqual(textsOf(await ben.fetch()), ['two']);
  assert.equal(await other.ben.acknowledge([foreign]), 1);
});

test('what is not acknowledged in time comes again, MAX_RETRIES times, and is then a dead letter', async () => {
  const now = await scene();
  const { ann, ben } = now;
  const { message_id } = await ann.send(ben, 'patience');
  await ben.fetch();
  const { MAX_RETRIES: retries } = loadSettings({ SECRET_KEY: 'x'.repeat(32) });
  for (let round = 1; round <= retries; round++) {
    await expireLeases(now);
    assert.deepEqual(textsOf(await ben.fetch()), ['patience']);
    const { deliveries } = await ann.ok('GET', `/messages/${message_id}`);
    assert.deepEqual([deliveries[0].status, deliveries[0].attempts], ['leased', round]);
  }
  await expireLeases(now);
  assert.deepEqual(await ben.fetch(), []);
  const { status, deliveries } = await ann.ok('GET', `/messages/${message_id}`);
  assert.deepEqual(
    [status, deliveries[0].status, deliveries[0].last_error],
    ['failed', 'failed', 'It was fetched, and not acknowledged in time.'],
  );
});

test('a late acknowledgement counts, also when the message was handed out again, and loses nothing', async () => {
  const now = await scene();
  const { ann, ben } = now;
  await ann.send(ben, 'late');
  const fetched = await ben.fetch();
  await expireLeases(now);
  const again = await ben.fetch();
  assert.deepEqual(textsOf(again), textsOf(fetched));
  assert.equal(await ben.acknowledge(fetched), 1);
  assert.equal(await ben.acknowledge(again), 0);
  await expireLeases(now);
  assert.deepEqual(await ben.fetch(), []);
});

test('messages come oldest first, also those that come again, no more than the limit', async () => {
  const now = await scene();
  const { ann, ben } = now;
  for (let n = 1; n <= 5; n++) await ann.send(ben, String(n));
  assert.deepEqual(textsOf(await ben.fetch('limit=2')), ['1', '2']);
  await expireLeases(now);
  assert.deepEqual(textsOf(await ben.fetch('limit=3')), ['1', '2', '3']);
  await expireLeases(now);
  assert.deepEqual(textsOf(await ben.fetch()), ['1', '2', '3', '4', '5']);
});

test('large messages share no more than a few MiB of one answer, and each comes', async () => {
  const { ann, ben } = await scene();
  const large = 'x'.repeat(1_900_000);
  for (let n = 1; n <= 5; n++) await ann.send(ben, `${n}${large}`);
  const sizes: number[] = [];
  for (let fetched = await ben.fetch(); fetched.length > 0; fetched = await ben.fetch()) {
    sizes.push(fetched.length);
  }
  assert.deepEqual(sizes, [2, 2, 1]);
});

test('of many fetches at once, each gets messages of its own', async () => {
  const { ann, ben } = await scene();
  for (let n = 0; n < 40; n++) await ann.send(ben, String(n));
  const answers = await Promise.all(Array.from({ length: 12 }, () => ben.fetch('limit=5')));
  const texts = textsOf(answers.flat());
  assert.equal(texts.length, 40);
  assert.equal(new Set(texts).size, 40);
});

test('without connection_id the messages of all of my polling connections come, and of no other', async () => {
  const { ann, ben, connectionId } = await scene();
  const second = await ben.connectPolling('second');
  const agent = await world.startAgent();
  const { connection_id: callback } = await ben.connect(agent.url, 'callback');
  for (const [text, id] of [
    ['a', connectionId],
    ['b', second],
    ['c', callback],
    ['d', connectionId],
  ] as const) {
    await ann.send(ben, text, { recipient_connection_id: id });
  }
  const other = await scene();
  await other.ann.send(other.ben, 'not yours');

  assert.deepEqual(textsOf(await ben.fetch(`connection_id=${second}`)), ['b']);
  assert.deepEqual(textsOf(await ben.fetch('limit=1')), ['a']);
  assert.deepEqual(textsOf(await ben.fetch()), ['d']);
});

test('what is asked wrongly is refused, with the field named', async () => {
  const { ben } = await scene();
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['wait=31', 'wait'],
    ['wait=-1', 'wait'],
    ['wait=1.5', 'wait'],
    [`connection_id=${'x'.repeat(101)}`, 'connection_id'],
  ] as const) {
    assertRefused(await ben.call('GET', `/inbox?${query}`), 400, 'INVALID_REQUEST', [field]);
  }
  for (const [body, field] of [
    [{}, 'receipts'],
    [{ receipts: 'dlv_1.x' }, 'receipts'],
    [{ delivery_ids: 'dlv_1' }, 'delivery_ids'],
    [{ delivery_ids: [1] }, 'delivery_ids.0'],
    [{ delivery_ids: ['x'.repeat(101)] }, 'delivery_ids.0'],
    [{ delivery_ids: Array(1001).fill('dlv_1') }, 'delivery_ids'],
  ] as const) {
    assertRefused(await ben.call('POST', '/inbox/ack', body), 400, 'INVALID_REQUEST', [field]);
  }
  assertRefused(await world.nobody.call('GET', '/inbox'), 401, 'UNAUTHORIZED');
  assertRefused(await world.nobody.call('POST', '/inbox/ack', { delivery_ids: [] }), 401, 'UNAUTHORIZED');
});

test('an inbox that is not there, not mine, or none is refused', async () => {
  const { ben } = await scene();
  const other = await scene();
  const agent = await world.startAgent();
  const { connection_id: callback } = await ben.connect(agent.url, 'callback');
  const fetchFrom = (id: string) => ben.call('GET', `/inbox?connection_id=${id}`);
  assertRefused(await fetchFrom('conn_unknown'), 404, 'CONNECTION_NOT_FOUND');
  assertRefused(await fetchFrom(''), 404, 'CONNECTION_NOT_FOUND');
  assertRefused(await fetchFrom(other.connectionId), 404, 'CONNECTION_NOT_FOUND');
  assertRefused(await fetchFrom(callback), 409, 'NOT_POLLING');
  const nora = await world.nobody.register(`nora-${pairs}`);
  assertRefused(await nora.call('GET', '/inbox'), 404, 'NO_CONNECTIONS');
  await nora.connect(agent.url);
  assertRefused(await nora.call('GET', '/inbox'), 404, 'NO_CONNECTIONS');
});

test('a suspended inbox gives nothing out and keeps everything until it is back', async () => {
  const { ann, ben, connectionId } = await scene();
  await change("update connections set status = 'suspended' where id = ?", connectionId);
  await ann.send(ben, 'later');
  assertRefused(await ben.call('GET', `/inbox?connection_id=${connectionId}`), 404, 'CONNECTION_NOT_FOUND');
  assertRefused(await ben.call('GET', '/inbox'), 404, 'NO_CONNECTIONS');
  assert.equal(await ben.connectPolling(), connectionId);
  assert.deepEqual(textsOf(await ben.fetch()), ['later']);
});

test('after its connection was deleted, what is fetched can still be acknowledged, and the rest is cancelled', async () => {
  const { ann, ben, connectionId } = await scene();
  const [one, two] = [await ann.send(ben, 'one'), await ann.send(ben, 'two')];
  const fetched = await ben.fetch('limit=1');
  await ben.ok('DELETE', `/agents/${connectionId}`);
  assertRefused(await ben.call('GET', `/inbox?connection_id=${connectionId}`), 404, 'CONNECTION_NOT_FOUND');
  assert.equal(await ben.acknowledge(fetched), 1);
  assert.equal((await ann.ok('GET', `/messages/${one.message_id}`)).status, 'delivered');
  const { deliveries } = await ann.ok('GET', `/messages/${two.message_id}`);
  assert.equal(deliveries[0].status, 'cancelled');
});

test('a delivered message comes again when it is resent, and is a new attempt', async () => {
  const { ann, ben } = await scene();
  const { delivery_id, message_id } = await ann.send(ben, 'again');
  await ben.acknowledge(await ben.fetch());
  await ben.ok('POST', `/deliveries/${delivery_id}/resend`);
  const fetched = await ben.fetch();
  assert.equal(fetched[0].message_id, message_id);
  await ben.acknowledge(fetched);
  const attempts = await ben.ok('GET', `/deliveries/${delivery_id}/attempts`);
  assert.deepEqual(
    attempts.map(({ attempt }: { attempt: number }) => attempt),
    [1, 2],
  );
});

test('polling and acknowledging are signs of life', async () => {
  const { ann, ben, connectionId } = await scene();
  const lastSeen = async () => {
    const agents = await ben.ok('GET', '/agents');
    return agents.find(({ id }: { id: string }) => id === connectionId).last_seen;
  };
  assert.equal(await lastSeen(), undefined);
  await ben.fetch();
  const first = await lastSeen();
  assert.ok(Math.abs(Date.now() - Date.parse(first)) < 60_000);
  await ben.fetch();
  assert.equal(await lastSeen(), first, 'an empty inbox is not noted each time');
  for (const step of [
    () => ben.fetch(),
    async () => {
      await ann.send(ben, 'hello');
      await ben.acknowledge(await ben.fetch());
    },
  ]) {
    await change('update lanes set last_seen = 1 where connection_id = ?', connectionId);
    await step();
    assert.ok(Date.parse(await lastSeen()) > 1);
  }
});
