import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WORKER_GONE_AFTER_MS } from '@mahilo/shared/outbox/workers';
import { SettableClock } from '@mahilo/shared/test/settable-clock';
import { sql } from 'kysely';
import { Person } from './person.ts';
import { testApp } from './test-app.ts';

const MINUTE_MS = 60_000;

/** Ann, and her friend Ben with two agents: one polls, one takes callbacks. The only workers are rows that a test adds. */
async function friends(t: TestContext) {
  const clock = new SettableClock();
  const here = await testApp(() => ({}), { RATE_LIMIT: '1000000' }, clock);
  t.after(() => here[Symbol.asyncDispose]());
  const [ann, ben] = [await Person.register(here.app, 'ann'), await Person.register(here.app, 'ben')];
  await ann.befriend(ben);
  const polling = await ben.connectPolling();
  const { connection_id: callback } = await ben.ok('POST', '/agents', {
    framework: 'test',
    label: 'callback',
    mode: 'callback',
    callback_url: 'http://127.0.0.1:8099/',
    public_key: 'none',
    public_key_alg: 'ed25519',
  });
  const change = (text: string) => here.db.write((trx) => sql.raw(text).execute(trx));
  const beat = (id: string) =>
    change(`insert into workers (id, started_at, heartbeat_at) values ('${id}', 0, ${clock.now()})
      on conflict (id) do update set heartbeat_at = excluded.heartbeat_at`);
  const send = async (to: string) =>
    (await ann.send(ben, 'hello', { recipient_connection_id: to })).json.message_id;
  const deliveryOf = async (messageId: string) =>
    (await ann.ok('GET', `/messages/${messageId}`)).deliveries[0];
  const healthOf = async (id: string) => {
    const agents: { id: string; health: Record<string, unknown> }[] = await ben.ok('GET', '/agents');
    return agents.find((agent) => agent.id === id)?.health ?? {};
  };
  return { ann, ben, clock, polling, callback, change, beat, send, deliveryOf, healthOf };
}

const iso = (ms: number) => new Date(ms).toISOString();

test('what a polling agent has fetched and not acknowledged says so, counts as waiting, and is listed as that', async (t) => {
  const { ann, ben, clock, polling, send, deliveryOf, healthOf } = await friends(t);
  const fetched = await send(polling);
  await ben.ok('GET', '/inbox?limit=1');
  const unfetched = await send(polling);
  const isHeld = async (sentence: RegExp) => {
    const delivery = await deliveryOf(fetched);
    assert.deepEqual(
      [delivery.status, delivery.held_by, delivery.next_attempt_at],
      ['leased', 'polling', undefined],
    );
    assert.match(delivery.held_because, sentence);
  };
  await isHeld(/^The agent has fetched it, and not acknowledged/);
  clock.ms += 2 * MINUTE_MS;
  await isHeld(/did not acknowledge it in time/);
  assert.equal((await healthOf(polling))['waiting'], 2);
  for (const person of [ann, ben]) {
    const listed: { message_id: string; held_by: string }[] = await person.ok(
      'GET',
      '/deliveries?status=waiting',
    );
    assert.deepEqual(
      listed.map(({ message_id, held_by }) => [message_id, held_by]),
      [
        [unfetched, 'polling'],
        [fetched, 'polling'],
      ],
    );
  }
});

test('what a worker has is on its way while the worker lives; then it says that another one takes it over, and when', async (t) => {
  const { clock, callback, change, beat, send, deliveryOf, healthOf } = await friends(t);
  const sent = await send(callback);
  const leaseEnd = clock.now() + MINUTE_MS;
  await beat('wkr_one');
  await change(`update outbox set state = 'leased', lease_owner = 'wkr_one', lease_token = 't',
    lease_expires_at = ${leaseEnd}`);
  const held = async () => {
    const { held_by, next_attempt_at } = await deliveryOf(sent);
    return [held_by, next_attempt_at];
  };
  assert.deepEqual(await held(), [undefined, undefined]);
  assert.match((await deliveryOf(sent)).held_because, /on its way/);
  assert.equal((await healthOf(callback))['next_try_at'], undefined);
  clock.ms += WORKER_GONE_AFTER_MS + 1;
  assert.deepEqual(await held(), ['no_worker', undefined], 'nobody is there to take it over');
  await beat('wkr_two');
  assert.deepEqual(await held(), ['no_worker', iso(leaseEnd)]);
  assert.equal((await healthOf(callback))['next_try_at'], iso(leaseEnd));
  assert.equal((await healthOf(callback))['waiting'], 1);
  clock.ms = leaseEnd + MINUTE_MS;
  await beat('wkr_one');
  assert.deepEqual(await held(), ['no_worker', undefined], 'it has not renewed its lease');
});

test('the next try of an agent is when its first delivery can be tried: never without a worker, or while it is shut out', async (t) => {
  const { ben, clock, callback, change, beat, send, healthOf } = await friends(t);
  await send(callback);
  const nextTry = async () => (await healthOf(callback))['next_try_at'];
  assert.equal(await nextTry(), undefined, 'no worker runs');
  await beat('wkr_one');
  assert.equal(await nextTry(), iso(clock.now()));
  const later = clock.now() + 5000;
  await change(`update lanes set paused_until = ${later}, failures = 5, failing_since = 1`);
  assert.equal(await nextTry(), iso(later));
  await change('update lanes set paused_until = 0');
  clock.ms += 4000;
  assert.equal(await nextTry(), undefined, 'other callbacks have the slots');
  await change(`update outbox set due_at = ${clock.now() + 1000}, last_error = 'The agent is away.'`);
  assert.equal(await nextTry(), iso(clock.now() + 1000));
  await change("update connections set status = 'suspended'");
  const health = await healthOf(callback);
  assert.deepEqual([health['next_try_at'], health['last_error']], [undefined, 'The agent is away.']);
  assert.equal((await ben.ok('GET', '/deliveries?status=waiting'))[0].held_by, 'suspended');
});

test('the last error is of messages to groups, too, and of what is fetched or on its way', async (t) => {
  const { callback, change, send, healthOf } = await friends(t);
  await send(callback);
  await change('update lanes set failing_since = 1, failures = 1');
  const lastError = async () => (await healthOf(callback))['last_error'];
  await change("update outbox set bulk = 1, last_error = 'one'");
  assert.equal(await lastError(), 'one');
  await change(`update outbox set state = 'leased', lease_owner = 'w', lease_token = 't', lease_expires_at = 1,
    last_error = 'two'`);
  assert.equal(await lastError(), 'two');
  await change('update lanes set failing_since = null, failures = 0, last_seen = null');
  assert.equal(await lastError(), undefined, 'an error of an earlier registration');
});
