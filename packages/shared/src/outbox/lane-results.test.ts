import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { BREAKER, LIMITS, leaseDue, upcoming } from '../../test/outbox.ts';
import { type LaneResult, recordLaneResults } from './lane-results.ts';
import { refreshLanes, reviveLane } from './lanes.ts';

const DAY_MS = 86_400_000;

async function record(here: TestDatabase, connectionId: string, result: Partial<LaneResult>): Promise<void> {
  const failed = { connectionId, succeeded: false, failures: 1, askedUntil: 0, isTrouble: false };
  await here.db.write(async (trx) => {
    await recordLaneResults(trx, [{ ...failed, ...result }], BREAKER, here.clock.ms);
    await refreshLanes(trx, [connectionId], LIMITS, here.clock.ms);
  });
}

const TROUBLE = { isTrouble: true, failures: 0 };

async function lane(here: TestDatabase) {
  const connectionId = await here.addConnection();
  await here.sendMany(connectionId, 20);
  return connectionId;
}

test('the registry’s own trouble holds the whole lane back, twice as long each time up to five minutes', async () => {
  await using here = await testDatabase();
  const connectionId = await lane(here);
  const began = here.clock.ms;
  const pauses: number[] = [];
  for (let n = 0; n < 11; n++) {
    await record(here, connectionId, TROUBLE);
    // Other deliveries in flight do not prolong the pause.
    await record(here, connectionId, TROUBLE);
    const [next] = await upcoming(here, 1);
    pauses.push((next?.ready_at ?? 0) - here.clock.ms);
    here.clock.ms = next?.ready_at ?? 0;
    assert.equal((await here.lane(connectionId)).failures, 0, 'it is no failure of the agent');
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000, 256000, 300000, 300000]);
  assert.equal((await here.lane(connectionId)).trouble_since, began);
  assert.equal((await leaseDue(here)).length, 1, 'one delivery shows whether it is over');
  await record(here, connectionId, {});
  const { trouble_since, trouble_until, troubles } = await here.lane(connectionId);
  assert.deepEqual([trouble_since, trouble_until, troubles], [null, 0, 0], 'any answer ends it');
});

test('what an agent asked for holds the lane back, and no pause of the breaker shortens it', async () => {
  await using here = await testDatabase();
  const connectionId = await lane(here);
  const askedUntil = here.clock.ms + 60_000;
  await record(here, connectionId, { askedUntil });
  for (let n = 0; n < LIMITS.breakerFailures; n++) await record(here, connectionId, {});
  assert.deepEqual(await upcoming(here, 1), [{ connection_id: connectionId, ready_at: askedUntil }]);
  await here.sendOne(connectionId);
  assert.deepEqual(await leaseDue(here), []);
  here.clock.ms = askedUntil;
  assert.equal((await leaseDue(here)).length, 1);
});

test('registering at the same host brings one probe at once and forgets nothing; at another one it is a new start', async () => {
  await using here = await testDatabase();
  const connectionId = await lane(here);
  for (let n = 0; n < 8; n++) await record(here, connectionId, {});
  const { failures, failing_since } = await here.lane(connectionId);
  const register = (moved: boolean) =>
    here.db.write((trx) =>
      reviveLane(trx, connectionId, here.clock.ms, { seen: false, moved, restored: false }),
    );
  await register(false);
  assert.equal((await leaseDue(here)).length, 1);
  await register(false);
  assert.deepEqual(await leaseDue(here), [], 'the probe is in flight');
  const present = await here.lane(connectionId);
  assert.deepEqual(
    [present.failures, present.failing_since, present.last_seen],
    [failures, failing_since, null],
  );
  await record(here, connectionId, {});
  assert.equal((await here.lane(connectionId)).paused_until, here.clock.ms + BREAKER.maxMs);
  await register(true);
  assert.equal((await leaseDue(here)).length, LIMITS.slots - 1);
});

test('the days on which attempts failed are remembered for five, and forgotten with a success', async () => {
  await using here = await testDatabase();
  const connectionId = await lane(here);
  const days: number[] = [];
  for (const pass of [0, 1, DAY_MS, 2 * DAY_MS, 4 * DAY_MS, 5 * DAY_MS, 400 * DAY_MS]) {
    here.clock.ms += pass;
    await record(here, connectionId, {});
    days.push((await here.lane(connectionId)).failing_days);
  }
  assert.deepEqual(days, [0b1, 0b1, 0b11, 0b1101, 0b10001, 0b1, 0b1]);
  await record(here, connectionId, { succeeded: true, failures: 0 });
  assert.equal((await here.lane(connectionId)).failing_days, 0);
});
