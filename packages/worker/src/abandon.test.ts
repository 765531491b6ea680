import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { testDatabase } from '@mahilo/shared/test/database';
import { endAbandoned } from './abandon.ts';

const DAY_MS = 86_400_000;
const forever = new AbortController().signal;

test('what a polling or suspended agent has not taken in time becomes a dead letter, and its sender is told', async () => {
  await using here = await testDatabase();
  const polling = await here.addConnection({ mode: 'polling', callback_url: null });
  const suspended = await here.addConnection({ status: 'suspended' });
  const active = await here.addConnection();
  const old = [await here.sendOne(polling), await here.sendOne(suspended)];
  const { deliveryIds: inBulk } = await here.sendInBulk(polling);
  const fetched = await here.sendOne(polling);
  const lease = { state: 'leased', lease_token: 't', lease_owner: 'inbox', lease_expires_at: here.clock.ms };
  await here.db.kysely
    .updateTable('outbox')
    .set({ ...lease, state: 'leased' })
    .where('id', '=', fetched)
    .execute();
  const kept = [await here.sendOne(active)];
  here.clock.ms += 30 * DAY_MS;
  kept.push(await here.sendOne(polling));
  const before = here.clock.ms - DAY_MS;
  assert.equal(await endAbandoned(here, before, forever), 4);
  for (const id of [...old, ...inBulk, fetched]) {
    const { state, last_error, lease_token } = await here.delivery(id);
    assert.deepEqual([state, lease_token], ['failed', null]);
    assert.match(String(last_error), /^Nobody has taken it in time/);
  }
  for (const id of kept) assert.equal((await here.delivery(id)).state, 'pending');
  const events = await here.db.kysely
    .selectFrom('events')
    .select('data_json')
    .where('type', '=', 'delivery_status')
    .execute();
  assert.equal(events.length, 4);
  assert.equal(await endAbandoned(here, before, forever), 0);
});

test('more than one batch is ended, and a resend is given its time anew', async () => {
  await using here = await testDatabase();
  const polling = await here.addConnection({ mode: 'polling', callback_url: null });
  const ids = await here.sendMany(polling, 250);
  here.clock.ms += 30 * DAY_MS;
  const resent = String(ids[0]);
  await here.db.kysely
    .updateTable('outbox')
    .set({ due_at: here.clock.ms })
    .where('id', '=', resent)
    .execute();
  assert.equal(await endAbandoned(here, here.clock.ms - DAY_MS, forever), 249);
  assert.equal((await here.delivery(resent)).state, 'pending');
});

test('agents that are owed nothing old cost no write', async () => {
  await using here = await testDatabase();
  const polling = [
    await here.addConnection({ mode: 'polling', callback_url: null }),
    await here.addConnection({ mode: 'polling', callback_url: null }),
  ];
  here.clock.ms += 30 * DAY_MS;
  await here.sendOne(String(polling[0]));
  const db: Database = { ...here.db, write: () => assert.fail('it writes') };
  assert.equal(await endAbandoned({ db, clock: here.clock }, here.clock.ms - DAY_MS, forever), 0);
});
