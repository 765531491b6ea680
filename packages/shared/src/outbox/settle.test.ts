import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { finish, LEASE_MS, LIMITS, leaseDue, settlement } from '../../test/outbox.ts';
import { renewLeases } from './renew.ts';
import { settleIfLeased } from './settle.ts';

async function message(here: TestDatabase, id: string) {
  return here.db.kysely
    .selectFrom('messages')
    .select(['status', 'delivered_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

async function attempts(here: TestDatabase, deliveryId: string) {
  return here.db.kysely
    .selectFrom('delivery_attempts')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('attempt')
    .execute();
}

async function statusEvents(here: TestDatabase) {
  const rows = await here.db.kysely.selectFrom('events').selectAll().orderBy('id').execute();
  return rows.map(({ user_id, type, data_json, created_at }) => ({
    user_id,
    type,
    data: JSON.parse(data_json),
    created_at,
  }));
}

/** A delivery that one worker lost to another, as each of them holds it. */
async function takenOver(here: TestDatabase) {
  const id = await here.sendOne(await here.addConnection());
  const lost = await leaseDue(here, { owner: 'wkr_1' });
  here.clock.ms += LEASE_MS;
  const held = await leaseDue(here, { owner: 'wkr_2' });
  return { id, lost, held };
}

test('a delivered delivery is settled, its attempt recorded, and its message delivered', async () => {
  await using here = await testDatabase();
  const { messageId, deliveryIds } = await here.send(await here.addConnection());
  const id = String(deliveryIds[0]);
  here.clock.ms += 20;
  const held = await leaseDue(here);
  assert.deepEqual(await finish(here, held, 'delivered'), held);
  const row = await here.delivery(id);
  assert.deepEqual(
    [row.state, row.attempts, row.settled_at, row.lease_token, row.lease_owner, row.lease_expires_at],
    ['delivered', 1, here.clock.ms, null, null, null],
  );
  assert.deepEqual(await message(here, messageId), { status: 'delivered', delivered_at: here.clock.ms });
  assert.deepEqual(await attempts(here, id), [
    {
      delivery_id: id,
      attempt: 1,
      started_at: here.clock.ms,
      duration_ms: 5,
      outcome: 'delivered',
      status_code: 200,
      error: null,
      response_excerpt: null,
    },
  ]);
});

test('a failed attempt that is tried again leaves the message pending, and tells nobody', async () => {
  await using here = await testDatabase();
  const { messageId, deliveryIds } = await here.send(await here.addConnection());
  await finish(here, await leaseDue(here), { retryAt: here.clock.ms + 5000 });
  const row = await here.delivery(String(deliveryIds[0]));
  assert.deepEqual(
    [row.state, row.attempts, row.due_at, row.settled_at],
    ['pending', 1, here.clock.ms + 5000, null],
  );
  assert.match(row.last_error ?? '', /status 500/);
  assert.equal((await message(here, messageId)).status, 'pending');
  assert.deepEqual(await statusEvents(here), []);
});

test('a release without an attempt uses none up', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  await finish(here, await leaseDue(here), 'released');
  const { state, attempts: used } = await here.delivery(id);
  assert.deepEqual([state, used], ['pending', 0]);
  assert.deepEqual(await attempts(here, id), []);
});

test('race: a worker that lost its lease and settles late changes nothing', async () => {
  await using here = await testDatabase();
  const { id, lost, held } = await takenOver(here);
  const before = await here.delivery(id);
  assert.deepEqual(await finish(here, lost, 'delivered'), []);
  assert.deepEqual(await here.delivery(id), before);
  assert.deepEqual([await attempts(here, id), await statusEvents(here)], [[], []]);
  assert.deepEqual(await finish(here, held, 'failed'), held);
  assert.deepEqual(await finish(here, lost, 'delivered'), []);
  assert.equal((await here.delivery(id)).state, 'failed');
});

test('race: a worker that settles twice is heard once', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  const held = await leaseDue(here);
  const [first, second] = await Promise.all([finish(here, held, 'delivered'), finish(here, held, 'failed')]);
  assert.deepEqual([first, second], [held, []]);
  assert.equal((await attempts(here, id)).length, 1);
});

test('race: a worker that slept through its lease and took the delivery anew settles both attempts at once', async () => {
  await using here = await testDatabase();
  const { id, lost, held } = await takenOver(here);
  assert.deepEqual(await finish(here, [...lost, ...held], 'delivered'), held);
  assert.deepEqual([(await attempts(here, id)).length, (await statusEvents(here)).length], [1, 1]);
});

test('race: a worker that lost its lease and renews late changes nothing', async () => {
  await using here = await testDatabase();
  const { id, lost, held } = await takenOver(here);
  const leaseOf = ([delivery]: typeof held) => ({ id, token: String(delivery?.lease_token) });
  const until = here.clock.ms + 10 * LEASE_MS;
  const renew = (token: { id: string; token: string }) =>
    here.db.write((trx) => renewLeases(trx, [token], until, LIMITS, here.clock.ms));
  assert.deepEqual(await renew(leaseOf(lost)), new Set());
  assert.equal((await here.delivery(id)).lease_expires_at, here.clock.ms + LEASE_MS);
  assert.deepEqual(await renew(leaseOf(held)), new Set([id]));
  assert.equal((await here.delivery(id)).lease_expires_at, until);
  here.clock.ms = until - 1;
  assert.deepEqual(await leaseDue(here), []);
  here.clock.ms = until;
  assert.equal((await leaseDue(here)).length, 1);
});

test('a message is pending while one of its deliveries is, then delivered if one was', async () => {
  await using here = await testDatabase();
  const { messageId } = await here.send(await here.addConnection(), await here.addConnection());
  const held = await leaseDue(here);
  const [first, second] = [held.slice(0, 1), held.slice(1)];
  await finish(here, first, 'delivered');
  assert.equal((await message(here, messageId)).status, 'pending');
  await finish(here, second, 'failed');
  assert.deepEqual(await message(here, messageId), { status: 'delivered', delivered_at: here.clock.ms });
});

test('a message of which nothing was delivered has failed', async () => {
  await using here = await testDatabase();
  const { messageId } = await here.send(await here.addConnection());
  await finish(here, await leaseDue(here), 'failed');
  assert.deepEqual(await message(here, messageId), { status: 'failed', delivered_at: null });
});

test('the sender is told of each delivery that ended, with the state of the message', async () => {
  await using here = await testDatabase();
  const { messageId, deliveryIds } = await here.send(await here.addConnection(), await here.addConnection());
  const update = { correlation_id: 'conversation-1' };
  await here.db.kysely.updateTable('messages').set(update).where('id', '=', messageId).execute();
  const held = (await leaseDue(here)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await finish(here, held.slice(0, 1), 'failed');
  here.clock.ms += 1;
  await finish(here, held.slice(1), 'delivered');
  const eventOf = (n: number, status: string, messageStatus: string, at: number) => ({
    user_id: here.sender,
    type: 'delivery_status',
    data: {
      message_id: messageId,
      delivery_id: deliveryIds[n],
      status,
      message_status: messageStatus,
      correlation_id: 'conversation-1',
    },
    created_at: at,
  });
  assert.deepEqual(await statusEvents(here), [
    eventOf(0, 'failed', 'pending', here.clock.ms - 1),
    eventOf(1, 'delivered', 'delivered', here.clock.ms),
  ]);
});

test('many outcomes are recorded in one go, each its own', async () => {
  await using here = await testDatabase();
  for (let n = 0; n < 10; n++) await here.send(await here.addConnection());
  const held = await leaseDue(here);
  const now = here.clock.ms;
  const settlements = held.map((delivery, n) => settlement(here, delivery, n % 2 ? 'delivered' : 'failed'));
  const ours = await here.db.write((trx) => settleIfLeased(trx, settlements, now));
  assert.equal(ours.size, 10);
  const rows = await here.db.kysely.selectFrom('outbox').select(['id', 'state']).execute();
  const expected = new Map(settlements.map(({ delivery, state }) => [delivery.id, state]));
  assert.deepEqual(new Map(rows.map(({ id, state }) => [id, state])), expected);
  assert.equal((await statusEvents(here)).length, 10);
});
