import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { finish, LEASE_MS, LIMITS, leaseDue } from '../../test/outbox.ts';
import { cancelDeliveries } from './cancel.ts';
import { refreshAllLanes, refreshLanes } from './lanes.ts';

/** Deletes a connection as the API does, and at most this many of its waiting deliveries. */
async function deleteConnection(here: TestDatabase, id: string, limit = 1000): Promise<void> {
  await here.db.write(async (trx) => {
    const deleted = { status: 'deleted', callback_url: null, callback_secret: null } as const;
    await trx.updateTable('connections').set(deleted).where('id', '=', id).execute();
    await cancelDeliveries(trx, id, limit, here.clock.ms);
  });
}

async function eventsOf(here: TestDatabase) {
  const rows = await here.db.kysely.selectFrom('events').select('data_json').orderBy('id').execute();
  return rows.map(({ data_json }) => JSON.parse(data_json));
}

test('what waits for a deleted connection is cancelled, and its sender told', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const [settled] = await here.sendMany(connectionId, 1);
  await finish(here, await leaseDue(here), 'delivered');
  const waiting = await here.sendMany(connectionId, 3);
  await deleteConnection(here, connectionId);
  for (const id of waiting) {
    const { state, settled_at, last_error } = await here.delivery(id);
    assert.deepEqual(
      [state, settled_at, last_error],
      ['cancelled', here.clock.ms, 'The connection was deleted.'],
    );
  }
  assert.equal((await here.delivery(String(settled))).state, 'delivered');
  const events = (await eventsOf(here)).slice(1);
  assert.deepEqual(
    events.map(({ status, message_status }) => [status, message_status]),
    waiting.map(() => ['cancelled', 'failed']),
  );
});

test('a long backlog is cancelled in batches, each of which says how many it was', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 5);
  await deleteConnection(here, connectionId, 0);
  const batch = () => here.db.write((trx) => cancelDeliveries(trx, connectionId, 2, here.clock.ms));
  assert.deepEqual([await batch(), await batch(), await batch(), await batch()], [2, 2, 1, 0]);
});

test('of a connection that is back in use nothing is cancelled', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 1);
  assert.equal(await here.db.write((trx) => cancelDeliveries(trx, connectionId, 2, here.clock.ms)), 0);
});

test('what waits for other connections stays', async () => {
  await using here = await testDatabase();
  const [deleted, other] = [await here.addConnection(), await here.addConnection()];
  const { messageId } = await here.send(deleted, other);
  await deleteConnection(here, deleted);
  const { status } = await here.db.kysely
    .selectFrom('messages')
    .select('status')
    .where('id', '=', messageId)
    .executeTakeFirstOrThrow();
  assert.equal(status, 'pending');
  assert.deepEqual(
    (await leaseDue(here)).map((delivery) => delivery.connection_id),
    [other],
  );
});

test('race: a delivery in flight when its connection is deleted ends delivered if the agent took it', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const id = await here.sendOne(connectionId);
  const held = await leaseDue(here);
  await deleteConnection(here, connectionId);
  assert.equal((await here.delivery(id)).state, 'leased');
  await finish(here, held, 'delivered');
  assert.equal((await here.delivery(id)).state, 'delivered');
});

test('race: a delivery in flight when its connection is deleted is not tried again', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const id = await here.sendOne(connectionId);
  const held = await leaseDue(here);
  await deleteConnection(here, connectionId);
  here.clock.ms += 10;
  await finish(here, held, { retryAt: here.clock.ms });
  const { state, settled_at, attempts } = await here.delivery(id);
  assert.deepEqual([state, settled_at, attempts], ['cancelled', here.clock.ms, 1]);
  assert.deepEqual(
    (await eventsOf(here)).map(({ status }) => status),
    ['cancelled'],
  );
  assert.deepEqual(await leaseDue(here), []);
});

for (const [title, held] of [
  ['a connection', { status: 'active' }],
  ['a suspended connection', { status: 'suspended' }],
  ['a connection whose agent polls', { mode: 'polling' }],
] as const) {
  test(`race: ${title} is deleted while somebody dead holds its delivery: a worker gets to end it`, async () => {
    await using here = await testDatabase();
    const connectionId = await here.addConnection();
    await here.sendOne(connectionId);
    const lost = await leaseDue(here);
    await here.db.kysely.updateTable('connections').set(held).where('id', '=', connectionId).execute();
    await here.db.write((trx) => refreshLanes(trx, [connectionId], LIMITS, here.clock.ms));
    await deleteConnection(here, connectionId);
    assert.deepEqual(await leaseDue(here), []);
    here.clock.ms += LEASE_MS;
    const [delivery] = await leaseDue(here);
    assert.deepEqual([delivery?.id, delivery?.connection_status], [lost[0]?.id, 'deleted']);
  });

  test(`race: ${title} is deleted, and the process dies before all that waits is cancelled`, async () => {
    await using here = await testDatabase();
    const connectionId = await here.addConnection(held);
    const waiting = await here.sendMany(connectionId, 3);
    await leaseDue(here, { capacity: 0 });
    await deleteConnection(here, connectionId, 2);
    const left = await leaseDue(here);
    assert.equal(left.length, 1);
    assert.ok(waiting.includes(String(left[0]?.id)));
  });
}

test('the lane of a deleted connection is forgotten when nothing is owed to it any more, and none is made for it', async () => {
  await using here = await testDatabase();
  const lanes = async () => {
    const rows = await here.db.kysely.selectFrom('lanes').select('connection_id').execute();
    return rows.map(({ connection_id }) => connection_id);
  };
  await deleteConnection(here, await here.addConnection());
  assert.deepEqual(await lanes(), []);
  const [kept, busy] = [await here.addConnection(), await here.addConnection()];
  await here.send(kept);
  await here.send(busy);
  const leased = await leaseDue(here);
  await deleteConnection(here, busy);
  await finish(
    here,
    leased.filter(({ connection_id }) => connection_id === kept),
    'delivered',
  );
  const round = () => refreshAllLanes(here.db, LIMITS, here.clock);
  await round();
  assert.deepEqual((await lanes()).sort(), [kept, busy].sort(), 'something is in flight');
  await finish(
    here,
    leased.filter(({ connection_id }) => connection_id === busy),
    'delivered',
  );
  await round();
  assert.deepEqual(await lanes(), [kept]);
});
