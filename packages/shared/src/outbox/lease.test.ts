import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import {
  BREAKER,
  finish,
  LEASE_MS,
  LIMITS,
  leaseDue,
  leaseRequest,
  ROOM,
  upcoming,
} from '../../test/outbox.ts';
import { reviveLane } from './lanes.ts';
import { type LeasedDelivery, lease } from './lease.ts';

const idsOf = (deliveries: readonly { id: string }[]) => deliveries.map(({ id }) => id).sort();
const countFor = (deliveries: readonly LeasedDelivery[], connectionId: string) =>
  deliveries.filter((delivery) => delivery.connection_id === connectionId).length;

test('a leased delivery has all that an attempt needs', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const { messageId, deliveryIds } = await here.send(connectionId);
  const [delivery] = await leaseDue(here, { owner: 'wkr_7', token: 'token-1' });
  assert.deepEqual(
    { ...delivery, callback_secret: delivery?.callback_secret?.toString() },
    {
      id: deliveryIds[0],
      lease_token: 'token-1',
      rescued: false,
      attempts: 0,
      attempts_before_cycle: 0,
      cycle: 0,
      bulk: 0,
      user_id: here.recipient,
      registration: 1,
      proven_at: here.clock.ms,
      trouble_since: null,
      failing_since: null,
      created_at: here.clock.ms,
      connection_id: connectionId,
      connection_status: 'active',
      connection_mode: 'callback',
      callback_url: 'https://agent.example/callback',
      callback_secret: 'sealed',
      callback_headers: null,
      callback_format: null,
      previous_secret: null,
      previous_secret_expires_at: null,
      message_id: messageId,
      sender_id: here.sender,
      sender_username: 'ann',
      sender_agent: 'test',
      sender_connection_id: null,
      recipient_type: 'user',
      recipient_id: here.recipient,
      body: 'hello',
      payload_type: 'text/plain',
      encryption_json: null,
      sender_signature_json: null,
      context: null,
      correlation_id: null,
      in_response_to: null,
      accepted_at: here.clock.ms,
      group_id: null,
      group_name: null,
    },
  );
  const row = await here.delivery(String(deliveryIds[0]));
  assert.deepEqual(
    [row.state, row.lease_token, row.lease_owner, row.lease_expires_at],
    ['leased', 'token-1', 'wkr_7', here.clock.ms + LEASE_MS],
  );
});

test('race: of two workers that lease at once, each delivery goes to one', async () => {
  await using here = await testDatabase();
  const connectionIds = await Promise.all(Array.from({ length: 5 }, () => here.addConnection()));
  for (const connectionId of connectionIds) await here.sendMany(connectionId, 3);
  const [first, second] = await Promise.all([leaseDue(here, { capacity: 8 }), leaseDue(here)]);
  assert.deepEqual([first.length, second.length], [8, 7]);
  assert.equal(new Set(idsOf([...first, ...second])).size, 15);
});

test('a lease is kept until it expires, and then another worker takes the delivery over', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  const [first] = await leaseDue(here, { owner: 'wkr_1' });
  here.clock.ms += LEASE_MS - 1;
  assert.deepEqual(await leaseDue(here, { owner: 'wkr_2' }), []);
  here.clock.ms += 1;
  const [second] = await leaseDue(here, { owner: 'wkr_2' });
  assert.deepEqual([first?.rescued, second?.id, second?.rescued], [false, first?.id, true]);
  assert.notEqual(second?.lease_token, first?.lease_token);
});

test('deliveries of a dead worker come before those that wait', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 2);
  const orphaned = await leaseDue(here);
  await here.sendMany(connectionId, 5);
  here.clock.ms += LEASE_MS;
  const taken = await leaseDue(here, { capacity: 2 });
  assert.deepEqual(idsOf(taken), idsOf(orphaned));
});

test('what is not due yet is not leased', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  await finish(here, await leaseDue(here), { retryAt: here.clock.ms + 5000 });
  here.clock.ms += 4999;
  assert.deepEqual(await leaseDue(here), []);
  here.clock.ms += 1;
  assert.equal((await leaseDue(here)).length, 1);
});

test('a lane is given no more slots than it has, also by two workers together', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  const first = await leaseDue(here, { owner: 'wkr_1', capacity: 3 });
  const second = await leaseDue(here, { owner: 'wkr_2' });
  assert.deepEqual([first.length, second.length], [3, LIMITS.slots - 3]);
  assert.deepEqual(await leaseDue(here, { owner: 'wkr_3' }), []);
  await finish(here, first.slice(0, 1), 'delivered');
  assert.equal((await leaseDue(here, { owner: 'wkr_3' })).length, 1);
});

test('slots of deliveries whose lease expired are free again', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  await leaseDue(here);
  here.clock.ms += LEASE_MS;
  assert.equal((await leaseDue(here)).length, LIMITS.slots);
});

test('no more is leased than a worker has room for, and lanes take turns', async () => {
  await using here = await testDatabase();
  const connectionIds = await Promise.all(Array.from({ length: 4 }, () => here.addConnection()));
  for (const connectionId of connectionIds) await here.sendMany(connectionId, 10);
  const taken = await leaseDue(here, { capacity: 6 });
  const shares = connectionIds.map((connectionId) => countFor(taken, connectionId));
  assert.deepEqual(shares.toSorted(), [1, 1, 2, 2]);
});

test('a lane that got its turn goes behind those that are still waiting for theirs', async () => {
  await using here = await testDatabase();
  const busy = await here.addConnection();
  await here.sendMany(busy, 50);
  here.clock.ms += 10;
  const [late, later] = [await here.addConnection(), await here.addConnection()];
  await here.sendOne(late);
  await here.sendOne(later);
  here.clock.ms += 10;
  const first = await leaseDue(here, { capacity: 1 });
  assert.equal(first[0]?.connection_id, busy);
  const next = [await leaseDue(here, { capacity: 1 }), await leaseDue(here, { capacity: 1 })].flat();
  assert.deepEqual(next.map((delivery) => delivery.connection_id).sort(), [late, later].sort());
});

test('noisy neighbours: lanes whose backlog could fill every slot leave another one its turn', async () => {
  await using here = await testDatabase();
  for (let n = 0; n < 3; n++) await here.sendMany(await here.addConnection(), 30);
  const held = await leaseDue(here, { capacity: 8 });
  const quiet = await here.addConnection();
  await here.sendOne(quiet);
  let rounds = 0;
  while (countFor(held, quiet) === 0) {
    rounds += 1;
    assert.ok(rounds <= 4, 'each of the four lanes has had its turn');
    here.clock.ms += 5;
    await finish(here, held.splice(0, 1), 'delivered');
    held.push(...(await leaseDue(here, { capacity: 1 })));
  }
});

test('within a lane the one that is due first comes first', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    ids.push(await here.sendOne(connectionId));
    here.clock.ms += 1;
  }
  const order: string[] = [];
  for (let n = 0; n < 3; n++) order.push(...idsOf(await leaseDue(here, { capacity: 1 })));
  assert.deepEqual(order, ids);
});

test('a lane that a worker may serve only later is left to others until then', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  const elsewhereAtHome = { serveAt: (lane: { ready_at: number }) => lane.ready_at + 50 };
  assert.deepEqual(await leaseDue(here, elsewhereAtHome), []);
  here.clock.ms += 50;
  assert.equal((await leaseDue(here, elsewhereAtHome)).length, 1);
});

test('a lane full of leased deliveries is looked at again when the first lease ends, and not before', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  await leaseDue(here, { capacity: 1 });
  here.clock.ms += 1000;
  await leaseDue(here);
  assert.deepEqual(await upcoming(here, 10), [
    { connection_id: connectionId, ready_at: here.clock.ms - 1000 + LEASE_MS },
  ]);
  await here.sendOne(connectionId);
  assert.equal((await here.lane(connectionId)).ready_at, here.clock.ms - 1000 + LEASE_MS);
});

test('agents that poll, and agents that are suspended, are sent nothing, and cost no further look', async () => {
  await using here = await testDatabase();
  for (const held of [{ mode: 'polling' }, { status: 'suspended' }] as const) {
    const connectionId = await here.addConnection(held);
    await here.sendOne(connectionId);
    assert.deepEqual(await leaseDue(here), []);
    assert.equal((await here.lane(connectionId)).ready_at, null);
    await here.sendOne(connectionId);
    assert.equal(
      (await here.lane(connectionId)).ready_at,
      null,
      'a worker is not woken for what it leaves alone',
    );
  }
});

test('a failing lane has one slot, whoever asks', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  await finish(here, await leaseDue(here), { retryAt: here.clock.ms });
  here.clock.ms += BREAKER.baseMs * 2;
  const probes = [await leaseDue(here, { owner: 'wkr_1' }), await leaseDue(here, { owner: 'wkr_2' })];
  assert.deepEqual(
    probes.map((taken) => taken.length),
    [1, 0],
  );
});

test('a lease that is not committed is nobody’s', async () => {
  await using here = await testDatabase();
  const id = await here.sendOne(await here.addConnection());
  const crashing = here.db.write(async (trx) => {
    await lease(trx, leaseRequest(here));
    throw new Error('crash');
  });
  await assert.rejects(crashing, { message: 'crash' });
  assert.deepEqual(idsOf(await leaseDue(here)), [id]);
});

test('a message in bulk stands behind single ones: in its lane, and in the order of lanes', async () => {
  await using here = await testDatabase();
  const connectionIds = await Promise.all(Array.from({ length: 3 }, () => here.addConnection()));
  const { deliveryIds: bulk } = await here.sendInBulk(...connectionIds);
  here.clock.ms += 1000;
  const single = await here.sendOne(String(connectionIds[2]));
  const order: string[] = [];
  for (let n = 0; n < 4; n++) order.push(...idsOf(await leaseDue(here, { capacity: 1 })));
  assert.equal(order[0], single);
  assert.deepEqual(order.slice(1).sort(), bulk.sort());
});

test('what is reserved for messages in bulk they get, however many single ones there are', async () => {
  await using here = await testDatabase();
  const busy = await here.addConnection();
  const { deliveryIds: bulk } = await here.sendInBulk(await here.addConnection());
  await here.sendMany(busy, 5);
  const shares = () => ({ ...ROOM, reservedForBulk: () => 1 });
  assert.deepEqual(idsOf(await leaseDue(here, { capacity: 1, shares })), bulk);
});

test('a user’s turn comes before that of who has more slots, and lanes without room are passed over', async () => {
  await using here = await testDatabase();
  const crowded = await Promise.all(Array.from({ length: 200 }, () => here.addConnection()));
  for (const connectionId of crowded) await here.sendOne(connectionId);
  here.clock.ms += 1;
  const other = await here.addConnection({ user_id: here.sender });
  const wanted = await here.sendOne(other);
  const held = new Map([[here.recipient, 7]]);
  const few = { ...ROOM, heldBy: (userId: string) => held.get(userId) ?? 0 };
  const full = { ...few, hasRoomFor: (lane: { user_id: string }) => lane.user_id === here.sender };
  assert.deepEqual(idsOf(await leaseDue(here, { shares: () => full })), [wanted]);
  await finish(here, [], 'delivered');
});

test('an unproven URL has one attempt at a time and so many a minute, whoever registers it again', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection({ proven_at: null });
  await here.sendMany(connectionId, 20);
  for (let n = 0; n < LIMITS.unprovenPerMinute; n++) {
    here.clock.ms += 1;
    const taken = await leaseDue(here, { owner: 'wkr_1' });
    assert.equal(taken.length, 1);
    assert.deepEqual(await leaseDue(here, { owner: 'wkr_2' }), [], 'one at a time, over all workers');
    await finish(here, taken, { retryAt: here.clock.ms });
    const again = { seen: false, moved: true, restored: false };
    await here.db.write((trx) => reviveLane(trx, connectionId, here.clock.ms, again));
  }
  assert.deepEqual(await leaseDue(here), []);
  here.clock.ms += 60_000;
  assert.equal((await leaseDue(here)).length, 1);
});
