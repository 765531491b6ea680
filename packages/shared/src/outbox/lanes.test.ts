import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { BREAKER, finish, LEASE_MS, LIMITS, leaseDue, upcoming } from '../../test/outbox.ts';
import { refreshAllLanes, refreshLanes, reviveLane } from './lanes.ts';

const SECOND_MS = 1000;

/** Leases one delivery of the only lane as soon as the lane allows it, and fails it. */
async function failOne(here: TestDatabase, connectionId: string): Promise<void> {
  const { ready_at } = await here.lane(connectionId);
  here.clock.ms = Math.max(here.clock.ms, ready_at ?? 0);
  const held = await leaseDue(here, { capacity: 1 });
  assert.equal(held.length, 1);
  await finish(here, held, { retryAt: here.clock.ms });
}

/** How long (ms) the lane is paused from now on. */
async function pause(here: TestDatabase, connectionId: string): Promise<number> {
  const { ready_at } = await here.lane(connectionId);
  return Math.max(0, (ready_at ?? Number.POSITIVE_INFINITY) - here.clock.ms);
}

test('the breaker opens at the set number of failures, and each further one doubles the pause up to the longest', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 10);
  const pauses: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    await failOne(here, connectionId);
    pauses.push(await pause(here, connectionId));
  }
  assert.deepEqual(pauses, [0, 0, 1000, 2000, 4000, 8000, BREAKER.maxMs, BREAKER.maxMs]);
});

test('a failure that never ends does not overflow the pause', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  await here.db.kysely.updateTable('lanes').set({ failures: 1_000_000 }).execute();
  await failOne(here, connectionId);
  assert.equal(await pause(here, connectionId), BREAKER.maxMs);
});

test('a success closes the breaker: all slots, no pause, and nothing to warn of', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  for (let failure = 0; failure < 4; failure++) await failOne(here, connectionId);
  assert.notEqual((await here.lane(connectionId)).failing_since, null);
  here.clock.ms += BREAKER.maxMs;
  await finish(here, await leaseDue(here), 'delivered');
  const { failures, failing_since, warned_at, last_seen, paused_until } = await here.lane(connectionId);
  assert.deepEqual(
    [failures, failing_since, warned_at, last_seen, paused_until],
    [0, null, null, here.clock.ms, 0],
  );
  assert.equal((await leaseDue(here)).length, LIMITS.slots);
});

test('a run of failures began with its first one', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 5);
  await failOne(here, connectionId);
  const began = here.clock.ms;
  here.clock.ms += SECOND_MS;
  await failOne(here, connectionId);
  assert.equal((await here.lane(connectionId)).failing_since, began);
});

test('new messages do not wake a lane that is paused', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 5);
  for (let failure = 0; failure < 4; failure++) await failOne(here, connectionId);
  const before = await pause(here, connectionId);
  assert.ok(before > 0);
  await here.sendOne(connectionId);
  assert.equal(await pause(here, connectionId), before);
  assert.deepEqual(await leaseDue(here), []);
});

test('an agent that was heard of is sent everything at once', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  for (let failure = 0; failure < 6; failure++) await failOne(here, connectionId);
  await here.db.write((trx) =>
    reviveLane(trx, connectionId, here.clock.ms, { seen: true, moved: true, restored: false }),
  );
  assert.equal((await here.lane(connectionId)).last_seen, here.clock.ms);
  assert.equal((await leaseDue(here)).length, LIMITS.slots);
});

test('race: a lane whose one probe is in flight is revived, and a message sent before anybody looks', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  for (let failure = 0; failure < 4; failure++) await failOne(here, connectionId);
  here.clock.ms += BREAKER.maxMs;
  assert.equal((await leaseDue(here)).length, 1);
  await here.db.write((trx) =>
    reviveLane(trx, connectionId, here.clock.ms, { seen: true, moved: true, restored: false }),
  );
  await here.sendOne(connectionId);
  assert.equal(await pause(here, connectionId), 0);
  assert.equal((await leaseDue(here)).length, LIMITS.slots - 1);
});

test('an agent that was never sent anything can be heard of', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.db.write((trx) =>
    reviveLane(trx, connectionId, here.clock.ms, { seen: true, moved: true, restored: false }),
  );
  assert.equal((await here.lane(connectionId)).last_seen, here.clock.ms);
  assert.deepEqual(await leaseDue(here), []);
  assert.equal((await here.lane(connectionId)).ready_at, null);
});

test('a lane with nothing to do is not looked at again until something is sent', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendOne(connectionId);
  await finish(here, await leaseDue(here), 'delivered');
  assert.deepEqual(await upcoming(here, 10), []);
  await here.sendOne(connectionId);
  assert.deepEqual(await upcoming(here, 10), [{ connection_id: connectionId, ready_at: here.clock.ms }]);
});

test('the lanes that are due next are told in their order, no more than were asked for', async () => {
  await using here = await testDatabase();
  const connectionIds: string[] = [];
  for (let n = 0; n < 3; n++) {
    const connectionId = await here.addConnection();
    connectionIds.unshift(connectionId);
    await here.sendOne(connectionId);
    await finish(here, await leaseDue(here), { retryAt: here.clock.ms + (3 - n) * SECOND_MS });
  }
  const lanes = await upcoming(here, 2);
  assert.deepEqual(
    lanes.map((lane) => lane.connection_id),
    connectionIds.slice(0, 2),
  );
});

test('a lane that was forgotten, whatever made it so, is found again', async () => {
  await using here = await testDatabase();
  const [waiting, leased] = [await here.addConnection(), await here.addConnection()];
  await here.sendOne(leased);
  await leaseDue(here);
  await here.sendOne(waiting);
  await here.db.kysely.updateTable('lanes').set({ ready_at: null, full_until: 0 }).execute();
  await refreshAllLanes(here.db, LIMITS, here.clock);
  assert.deepEqual(await upcoming(here, 10), [
    { connection_id: waiting, ready_at: here.clock.ms },
    { connection_id: leased, ready_at: here.clock.ms + LEASE_MS },
  ]);
});

test('looking at all lanes anew leaves those that wait in the order in which they came', async () => {
  await using here = await testDatabase();
  const [one, two, three] = [
    await here.addConnection(),
    await here.addConnection(),
    await here.addConnection(),
  ];
  for (const connectionId of [three, one, two]) {
    await here.sendOne(connectionId);
    here.clock.ms += SECOND_MS;
  }
  const before = await upcoming(here, 10);
  assert.deepEqual(
    before.map(({ connection_id }) => connection_id),
    [three, one, two],
  );
  await refreshAllLanes(here.db, LIMITS, here.clock);
  assert.deepEqual(await upcoming(here, 10), before);
});

test('looking at very many lanes anew is done in pieces, between which others write', async () => {
  await using here = await testDatabase();
  const rows = Array.from({ length: 600 }, (_, n) => here.addConnection({ label: `${n}` }));
  const connectionIds = await Promise.all(rows);
  await here.send(...connectionIds);
  await here.db.kysely.updateTable('lanes').set({ ready_at: null }).execute();
  let works = 0;
  using _commits = here.db.onCommit(() => {
    works += 1;
  });
  await refreshAllLanes(here.db, LIMITS, here.clock);
  assert.equal(works, 3);
  assert.equal((await upcoming(here, 1000)).length, 600);
});

test('other limits after a restart: a lane that was full has room as soon as it is looked at anew', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  await leaseDue(here);
  const limits = { ...LIMITS, slots: 10 };
  await here.db.write((trx) => refreshLanes(trx, [connectionId], limits, here.clock.ms));
  assert.equal((await leaseDue(here, { limits })).length, 10 - LIMITS.slots);
});
