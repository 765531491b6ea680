import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@mahilo/shared/clock';
import { type Database, openDatabase } from '@mahilo/shared/db/open';
import { appendEvents } from '@mahilo/shared/events/append';
import { idSource, type NewId } from '@mahilo/shared/ids';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import { systemRandom } from '@mahilo/shared/random';
import BetterSqlite3 from 'better-sqlite3';
import { prune } from './prune.ts';

const DAY_MS = 86_400_000;
const NOW = systemClock.now();

interface Place extends AsyncDisposable {
  db: Database;
  /** Ids as they would have been made at that time. */
  idsAt(ms: number): NewId;
}

async function place(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-prune-'));
  const db = await openDatabase(join(directory, 'mahilo.db'));
  await db.write(async (trx) => {
    await trx
      .insertInto('users')
      .values({ id: 'usr_1', username: 'ann', display_name: null, created_at: 0 })
      .execute();
    await trx
      .insertInto('connections')
      .values({
        id: 'conn_1',
        user_id: 'usr_1',
        framework: 'test',
        label: 'main',
        description: null,
        capabilities_json: '[]',
        routing_priority: 0,
        mode: 'polling',
        status: 'active',
        created_at: 0,
      })
      .execute();
  });
  return {
    db,
    idsAt: (ms) => idSource({ now: () => ms }, systemRandom),
    async [Symbol.asyncDispose]() {
      await db.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** A message accepted `ageDays` ago and, unless it still waits, settled `settledDays` ago. */
async function message({ db, idsAt }: Place, ageDays: number, settledDays?: number): Promise<string> {
  const createdAt = NOW - ageDays * DAY_MS;
  const newId = idsAt(createdAt);
  const [id, deliveryId] = [newId('msg'), newId('dlv')];
  await db.write(async (trx) => {
    await trx
      .insertInto('messages')
      .values({
        id,
        sender_id: 'usr_1',
        sender_username: 'ann',
        sender_agent: 'agent',
        recipient_type: 'user',
        recipient_id: 'usr_1',
        recipient: 'ann',
        body: 'hello',
        payload_type: 'text/plain',
        status: settledDays === undefined ? 'pending' : 'delivered',
        created_at: createdAt,
      })
      .execute();
    const delivery = { id: deliveryId, messageId: id, recipientId: 'usr_1', connectionId: 'conn_1' };
    await enqueue(trx, [delivery], createdAt);
    await appendEvents(trx, [{ userId: 'usr_1', type: 'message_received', data: { id } }], createdAt);
    if (settledDays === undefined) return;
    const settled = { state: 'delivered', settled_at: NOW - settledDays * DAY_MS } as const;
    await trx.updateTable('outbox').set(settled).where('id', '=', deliveryId).execute();
    await trx
      .insertInto('delivery_attempts')
      .values({
        delivery_id: deliveryId,
        attempt: 1,
        started_at: createdAt,
        duration_ms: 1,
        outcome: 'delivered',
      })
      .execute();
  });
  return id;
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

test('a checkpoint empties the WAL that a long reader let grow', async () => {
  await using here = await place();
  const reader = new BetterSqlite3(here.db.file, { readonly: true });
  reader.exec('begin');
  reader.prepare('select count(*) from messages').get();
  for (let n = 0; n < 50; n++) await message(here, 1, 1);
  const wal = `${here.db.file}-wal`;
  here.db.checkpoint('truncate');
  assert.ok(statSync(wal).size > 0, 'the reader still needs the WAL');
  reader.close();
  here.db.checkpoint('truncate');
  assert.equal(statSync(wal).size, 0);
});
