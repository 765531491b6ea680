import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { postgresServer } from '@mahilo/shared/test/dialect';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { openTestDatabase, testStore } from '@mahilo/shared/test/store';
import { sql } from 'kysely';
import {
  countInState,
  countPausedLanes,
  countWorkers,
  firstReadyAt,
  MAX_LANES_COUNTED,
  MAX_ROWS_COUNTED,
  oldestDueAt,
} from './queue-state.ts';

const NOW = 1_000_000;
const directory = new TestDirectory();
const store = testStore(directory.path);
let db: Database;

before(async () => {
  db = await openTestDatabase(store);
  // Rows of the queue alone: what they belong to is nothing that is counted here.
  if (postgresServer() === undefined) await sql`pragma foreign_keys = off`.execute(db.kysely);
  else await sql`alter table outbox drop constraint outbox_message_id_fkey`.execute(db.kysely);
});
after(async () => {
  await db.close();
  await store.drop();
  directory[Symbol.dispose]();
});

const run = (text: string) => db.write((trx) => sql.raw(text).execute(trx));

/** Deliveries `first` to `last` of one lane, each due 1 ms after the one before. */
const owe = (connection: string, state: 'pending' | 'failed', first: number, last: number) =>
  run(`
    with recursive n (i) as (select ${first} union all select i + 1 from n where i < ${last})
    insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at, settled_at)
    select '${connection}' || i, 'm', 'u', '${connection}', '${state}', i, 0,
      ${state === 'failed' ? '0' : 'null'} from n`);

const lane = (connection: string, readyAt: number, pausedUntil = 0) =>
  run(
    `insert into lanes (connection_id, ready_at, paused_until) values ('${connection}', ${readyAt}, ${pausedUntil})`,
  );

test('an empty queue has nothing that waits, and nothing since when', async () => {
  assert.equal(await countInState(db.kysely, 'pending'), 0);
  assert.equal(await countInState(db.kysely, 'leased'), 0);
  assert.equal(await firstReadyAt(db.kysely), undefined);
  assert.equal(await oldestDueAt(db.kysely), undefined);
  assert.equal(await countPausedLanes(db.kysely, NOW), 0);
});

test('deliveries are counted by state, up to a bound', async () => {
  await owe('slow', 'pending', 500, 500 + MAX_ROWS_COUNTED + 10);
  await owe('slow', 'failed', 1, 7);
  assert.equal(await countInState(db.kysely, 'pending'), MAX_ROWS_COUNTED);
  assert.equal(await countInState(db.kysely, 'failed'), 7);
});

test('what waits for a worker is told apart from what waits behind a slow agent', async () => {
  await lane('slow', NOW - 3);
  assert.equal(await firstReadyAt(db.kysely), NOW - 3);
  assert.equal(await oldestDueAt(db.kysely), 500);
});

test('broken lanes are those that are held back now, among the ones that come next', async () => {
  await lane('was broken', NOW - 2, NOW - 2);
  await lane('broken', NOW + 50, NOW + 50);
  await lane('retries later, not broken', NOW + 60);
  assert.equal(await countPausedLanes(db.kysely, NOW), 1);
  for (let i = 0; i < MAX_LANES_COUNTED; i++) await lane(`also broken ${i}`, NOW + 100, NOW + 100);
  assert.equal(await countPausedLanes(db.kysely, NOW), MAX_LANES_COUNTED - 1);
});

test('a worker is alive while it says so', async () => {
  await run(
    `insert into workers (id, started_at, heartbeat_at) values ('a', 0, ${NOW}), ('b', 0, ${NOW - 16_000})`,
  );
  assert.equal(await countWorkers(db.kysely, NOW - 15_000), 1);
});
