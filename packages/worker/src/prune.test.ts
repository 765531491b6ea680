import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { checkpoint } from '@mahilo/shared/db/sqlite/checkpoint';
import { appendEvents } from '@mahilo/shared/events/append';
import { type TestDatabase, testDatabase } from '@mahilo/shared/test/database';
import { sqliteOnly } from '@mahilo/shared/test/dialect';
import BetterSqlite3 from 'better-sqlite3';
import { prune, pruneAudit } from './prune.ts';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 5, 1);
const never = new AbortController().signal;

type Place = TestDatabase & { connectionId: string };

async function place(): Promise<Place> {
  const here = await testDatabase();
  return Object.assign(here, { connectionId: await here.addConnection() });
}

/** A message accepted `ageDays` ago and, unless it still waits, settled `settledDays` ago. */
async function message(here: Place, ageDays: number, settledDays?: number): Promise<string> {
  here.clock.ms = NOW - ageDays * DAY_MS;
  const { messageId, deliveryIds } = await here.send(here.connectionId);
  await here.db.write(async (trx) => {
    const event = { userId: here.recipient, type: 'message_received', data: { id: messageId } } as const;
    await appendEvents(trx, [event], here.clock.ms);
    if (settledDays === undefined) return;
    const settled = { state: 'delivered', settled_at: NOW - settledDays * DAY_MS } as const;
    await trx.updateTable('outbox').set(settled).where('id', 'in', deliveryIds).execute();
    await trx.updateTable('messages').set({ status: 'delivered' }).where('id', '=', messageId).execute();
    for (const delivery_id of deliveryIds) {
      await trx
        .insertInto('delivery_attempts')
        .values({
          delivery_id,
          attempt: 1,
          started_at: here.clock.ms,
          duration_ms: 1,
          outcome: 'delivered',
        })
        .execute();
    }
  });
  return messageId;
}

async function count(
  db: Database,
  table: 'messages' | 'outbox' | 'delivery_attempts' | 'events',
): Promise<number> {
  const row = await db.kysely
    .selectFrom(table)
    .select((select) => select.fn.countAll().as('n'))
    .executeTakeFirstOrThrow();
  return Number(row.n);
}

test('what was settled before the retention goes, with its deliveries and attempts; all else stays', async () => {
  await using here = await place();
  await message(here, 40, 40);
  const settledLate = await message(here, 40, 2);
  const waiting = await message(here, 40);
  const young = await message(here, 3, 3);

  const gone = await prune(here, NOW - 30 * DAY_MS, new AbortController().signal);
  assert.deepEqual(gone, { messages: 1, events: 3 });
  const left = await here.db.kysely.selectFrom('messages').select('id').execute();
  assert.deepEqual(left.map(({ id }) => id).sort(), [settledLate, waiting, young].sort());
  assert.equal(await count(here.db, 'outbox'), 3);
  assert.equal(await count(here.db, 'delivery_attempts'), 2);
  assert.equal(await count(here.db, 'events'), 1);
});

test('many old messages go in batches, and a stop is heeded between them', async () => {
  await using here = await place();
  for (let n = 0; n < 450; n++) await message(here, 40, 40);
  assert.deepEqual(await prune(here, NOW - 30 * DAY_MS, AbortSignal.abort()), { messages: 0, events: 0 });
  const gone = await prune(here, NOW - 30 * DAY_MS, new AbortController().signal);
  assert.deepEqual(gone, { messages: 450, events: 449 });
  assert.equal(await count(here.db, 'messages'), 0);
});

test('the newest event stays, however old: the log knows how far it has come', async () => {
  await using here = await place();
  for (let n = 0; n < 201; n++) await message(here, 40, 40);
  for (let round = 0; round < 2; round++) await prune(here, NOW - 30 * DAY_MS, new AbortController().signal);
  const left = await here.db.kysely.selectFrom('events').select('id').execute();
  assert.deepEqual(left, [{ id: 201 }]);
});

test('old messages to groups go, too, each in a batch of its own', async () => {
  await using here = await place();
  for (let n = 0; n < 5; n++) await message(here, 40, 40);
  await here.db.kysely.updateTable('messages').set({ recipient_type: 'group' }).execute();
  const gone = await prune(here, NOW - 30 * DAY_MS, new AbortController().signal);
  assert.deepEqual(gone, { messages: 5, events: 4 });
  assert.equal(await count(here.db, 'outbox'), 0);
});

test(
  'a checkpoint empties the WAL that a long reader let grow',
  sqliteOnly('the WAL of the file'),
  async () => {
    await using here = await place();
    const reader = new BetterSqlite3(here.file, { readonly: true });
    reader.exec('begin');
    reader.prepare('select count(*) from messages').get();
    for (let n = 0; n < 50; n++) await message(here, 1, 1);
    const wal = `${here.file}-wal`;
    const sqlite = new BetterSqlite3(here.file);
    checkpoint(sqlite, 'truncate');
    assert.ok(statSync(wal).size > 0, 'the reader still needs the WAL');
    reader.close();
    checkpoint(sqlite, 'truncate');
    sqlite.close();
    assert.equal(statSync(wal).size, 0);
  },
);

test('the audit trail loses what is old enough, in batches, and keeps the rest', async () => {
  await using here = await testDatabase();
  const old = Date.UTC(2020, 0, 1);
  const line = (created_at: number) =>
    ({
      created_at,
      actor_type: 'operator',
      actor: 'root',
      action: 'user.disable',
      subject: 'usr_1',
    }) as const;
  const lines = [...Array.from({ length: 450 }, (_, i) => line(old + i)), line(old + 450), line(old + 451)];
  await here.db.kysely.insertInto('audit').values(lines).execute();
  await pruneAudit(here, old + 450, never);
  const left = await here.db.kysely.selectFrom('audit').select('created_at').orderBy('id').execute();
  assert.deepEqual(
    left.map(({ created_at }) => created_at),
    [old + 450, old + 451],
  );
});

test('nothing hides behind what a clock that was ahead has written, nor does that stay for ever', async () => {
  await using here = await place();
  await message(here, -3650, -3650);
  await message(here, 40, -3650);
  for (let n = 0; n < 250; n++) {
    const event = { userId: here.recipient, type: 'friend_request', data: {} } as const;
    await here.db.write((trx) => appendEvents(trx, [event], NOW + 3650 * DAY_MS));
  }
  await message(here, 39, 39);
  await message(here, 1, 1);
  here.clock.ms = NOW;
  const gone = await prune(here, NOW - 30 * DAY_MS, never);
  assert.deepEqual(gone, { messages: 1, events: 253 });
  here.clock.ms = NOW + 31 * DAY_MS;
  assert.deepEqual((await prune(here, NOW + DAY_MS, never)).messages, 3, 'it counted from the first look');
  assert.equal(await count(here.db, 'messages'), 0);
});

test('what is sent while much is deleted keeps its time, and is not followed for ever', async () => {
  await using here = await place();
  for (let n = 0; n < 120; n++) await message(here, 40, 40);
  here.clock.ms = NOW;
  const sent = new Map<string, number>();
  const stop = new AbortController();
  // Each of its writes takes an hour, in which somebody sends.
  const write: Database['write'] = async (work) => {
    here.clock.ms += 3_600_000;
    sent.set((await here.send(here.connectionId)).messageId, here.clock.ms);
    if (sent.size === 50) stop.abort();
    return here.db.write(work);
  };
  await prune({ db: { ...here.db, write }, clock: here.clock }, NOW - 30 * DAY_MS, stop.signal);
  assert.equal(stop.signal.aborted, false, 'it ends');
  const rows = await here.db.kysely.selectFrom('messages').select(['id', 'created_at']).execute();
  assert.deepEqual(new Map(rows.map(({ id, created_at }) => [id, created_at])), sent);
});
