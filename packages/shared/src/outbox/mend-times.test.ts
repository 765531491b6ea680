import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { refreshAllLanes } from './lanes.ts';
import { mendTimes } from './mend-times.ts';

const DAY_MS = 86_400_000;
const WAITS = { retryMs: 21_600_000, leaseMs: 60_000, inboxLeaseMs: 60_000, pauseMs: 300_000 };
const LIMITS = { slots: 4, breakerFailures: 5, unprovenPerMinute: 6 };

test('what a clock that was 40 days ahead has put off is due now; what is rightly late stays as it is', async () => {
  await using here = await testDatabase();
  const { db } = here;
  const now = here.clock.ms;
  const connection = await here.addConnection();
  const [retried = '', leased = '', soon = '', held = ''] = await here.sendMany(connection, 4);
  const set = (id: string, values: object) =>
    db.kysely.updateTable('outbox').set(values).where('id', '=', id).execute();
  const lease = { state: 'leased', lease_token: 't', lease_owner: 'w' };
  await set(retried, { due_at: now + 40 * DAY_MS });
  await set(leased, { ...lease, lease_expires_at: now + 40 * DAY_MS });
  await set(soon, { due_at: now + WAITS.retryMs });
  await set(held, { ...lease, lease_expires_at: now + WAITS.leaseMs });
  await db.kysely
    .updateTable('lanes')
    .set({ full_until: now + 40 * DAY_MS, paused_until: now + 40 * DAY_MS, failing_since: now + 40 * DAY_MS })
    .execute();
  await db.kysely
    .insertInto('workers')
    .values([
      { id: 'wkr_dead', started_at: 0, heartbeat_at: now + 40 * DAY_MS },
      { id: 'wkr_alive', started_at: 0, heartbeat_at: now },
    ])
    .execute();
  const mend = async () => {
    const mended = await mendTimes(db, WAITS, now);
    await refreshAllLanes(db, LIMITS, here.clock);
    return mended;
  };

  assert.equal(await mend(), 2);
  assert.equal((await here.delivery(retried)).due_at, now);
  assert.equal((await here.delivery(leased)).lease_expires_at, now + WAITS.leaseMs, 'its owner may renew it');
  assert.equal((await here.delivery(soon)).due_at, now + WAITS.retryMs);
  const lane = await here.lane(connection);
  assert.deepEqual([lane.full_until, lane.paused_until, lane.failing_since], [0, 0, now]);
  assert.ok((lane.ready_at ?? Number.POSITIVE_INFINITY) <= now);
  const workers = await db.kysely.selectFrom('workers').select('id').execute();
  assert.deepEqual(workers, [{ id: 'wkr_alive' }]);
  assert.equal(await mend(), 0);
});
