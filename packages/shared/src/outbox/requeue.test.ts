import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { finish, LEASE_MS, leaseDue } from '../../test/outbox.ts';
import { requeueSettled } from './requeue.ts';

const requeue = (here: TestDatabase, ...ids: string[]) =>
  here.db.write((trx) => requeueSettled(trx, ids, here.clock.ms));

async function messageOf(here: TestDatabase, deliveryId: string) {
  return here.db.kysely
    .selectFrom('messages')
    .innerJoin('outbox', 'outbox.message_id', 'messages.id')
    .select(['messages.status', 'messages.delivered_at'])
    .where('outbox.id', '=', deliveryId)
    .executeTakeFirstOrThrow();
}

async function attemptNumbers(here: TestDatabase, deliveryId: string) {
  const rows = await here.db.kysely
    .selectFrom('delivery_attempts')
    .select('attempt')
    .where('delivery_id', '=', deliveryId)
    .orderBy('attempt')
    .execute();
  return rows.map(({ attempt }) => attempt);
}

test('a dead letter that is resent is due at once, with a fresh cycle of attempts', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  await finish(here, await leaseDue(here), { retryAt: here.clock.ms });
  await finish(here, await leaseDue(here), 'failed');
  here.clock.ms += LEASE_MS;
  assert.equal(await requeue(here, id), 1);
  const { state, due_at, attempts, attempts_before_cycle, settled_at } = await here.delivery(id);
  assert.deepEqual(
    { state, due_at, attempts, attempts_before_cycle, settled_at },
    { state: 'pending', due_at: here.clock.ms, attempts: 2, attempts_before_cycle: 2, settled_at: null },
  );
  assert.equal((await messageOf(here, id)).status, 'pending');
  assert.equal((await leaseDue(here)).length, 1);
});

test('attempts are numbered on through resends', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  await finish(here, await leaseDue(here), 'failed');
  await requeue(here, id);
  await finish(here, await leaseDue(here), 'delivered');
  await requeue(here, id);
  await finish(here, await leaseDue(here), 'delivered');
  assert.deepEqual(await attemptNumbers(here, id), [1, 2, 3]);
});

test('a delivered one may be resent, and stays delivered since the first time, however the resend ends', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  await finish(here, await leaseDue(here), 'delivered');
  const delivered = { status: 'delivered', delivered_at: here.clock.ms };
  here.clock.ms += 1000;
  assert.equal(await requeue(here, id), 1);
  assert.deepEqual(await messageOf(here, id), delivered);
  const held = await leaseDue(here);
  assert.deepEqual(
    held.map(({ cycle }) => cycle),
    [1],
  );
  await finish(here, held, 'failed');
  assert.deepEqual(await messageOf(here, id), delivered);
  assert.equal((await here.delivery(id)).first_delivered_at, delivered.delivered_at);
});

test('what waits, is in flight or was cancelled is not resent', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const [leased, cancelled] = [await here.sendOne(connectionId), await here.sendOne(connectionId)];
  const before = here.clock.ms;
  await here.db.kysely
    .updateTable('outbox')
    .set({ state: 'cancelled', settled_at: before })
    .where('id', '=', cancelled)
    .execute();
  await leaseDue(here);
  const pending = await here.sendOne(connectionId);
  here.clock.ms += 1;
  assert.equal(await requeue(here, pending, leased, cancelled, 'dlv_unknown'), 0);
  const states = await Promise.all([pending, leased, cancelled].map((id) => here.delivery(id)));
  assert.deepEqual(
    states.map(({ state, due_at }) => [state, due_at]),
    [
      ['pending', before],
      ['leased', before],
      ['cancelled', before],
    ],
  );
});

test('the recipient is told of a resent message as of a new one', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const id = await here.sendOne(connectionId);
  await finish(here, await leaseDue(here), 'delivered');
  await requeue(here, id);
  const events = await here.db.kysely
    .selectFrom('events')
    .select(['user_id', 'type', 'data_json'])
    .where('type', '=', 'message_received')
    .execute();
  const { message_id } = await here.delivery(id);
  assert.deepEqual(
    events.map(({ data_json, ...event }) => ({ ...event, data: JSON.parse(data_json) })),
    [
      {
        user_id: here.recipient,
        type: 'message_received',
        data: { message_id, delivery_id: id, sender: 'ann', connection_id: connectionId },
      },
    ],
  );
});

test('race: of two resends of one delivery, one counts', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  await finish(here, await leaseDue(here), 'failed');
  assert.deepEqual(await Promise.all([requeue(here, id), requeue(here, id)]), [1, 0]);
});
