import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type TestDatabase, testDatabase } from '../../test/database.ts';
import { CommitProxy } from '../../test/postgres/commit-proxy.ts';
import { connectTo } from '../../test/postgres/databases.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open.ts';
import { appendEvents, type NewEvent } from './append.ts';
import { eventsAfter } from './tail.ts';

/** Processes that write beside each other, as far as the database can tell. */
const WRITERS = 4;
const WRITES = 40;
const INSERT =
  "insert into events (user_id, type, data_json, created_at) values ($1, 'friend_request', $2, 0)";

const eventOf = (here: TestDatabase, n: number): NewEvent => ({
  userId: here.sender,
  type: 'friend_request',
  data: { n },
});

/** Reads the log as the API does: what comes after the last event that it has seen. */
class Reader {
  readonly #db: Database;
  readonly seen: number[] = [];
  #position = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  async look(): Promise<void> {
    for (const { id, data_json } of await eventsAfter(this.#db.kysely, this.#position, 1000)) {
      this.#position = id;
      this.seen.push(JSON.parse(data_json).n);
    }
  }
}

/** Waits until somebody waits for a lock. */
async function blocked({ store }: TestDatabase): Promise<void> {
  const waiting = "select 1 as one from pg_locks where locktype = 'advisory' and not granted";
  while ((await store.query(waiting)).length === 0) await pause(5);
}

test('control: where events get their ids as they come, a reader misses one', async () => {
  await using here = await testDatabase();
  const reader = new Reader(here.db);
  const [slow, fast] = [await connectTo(here.store.url), await connectTo(here.store.url)];
  await slow.query('begin');
  await slow.query(INSERT, [here.sender, '{"n":1}']);
  await fast.query(INSERT, [here.sender, '{"n":2}']);
  await reader.look();
  await slow.query('commit');
  await reader.look();
  assert.deepEqual(reader.seen, [2]);
  await Promise.all([slow.end(), fast.end()]);
});

test('appends take turns: no reader misses an event of a transaction that ends late', async () => {
  await using here = await testDatabase();
  const other = await openDatabase(here.store.url);
  const reader = new Reader(here.db);
  const [appended, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = here.db.write(async (trx) => {
    await appendEvents(trx, [eventOf(here, 1)], 0);
    appended.resolve();
    await mayEnd.promise;
  });
  await appended.promise;
  const fast = other.write((trx) => appendEvents(trx, [eventOf(here, 2)], 0));
  await blocked(here);
  await reader.look();
  mayEnd.resolve();
  await Promise.all([slow, fast]);
  await reader.look();
  assert.deepEqual(reader.seen, [1, 2]);
  await other.close();
});

test('race: whatever processes append and undo beside each other, a reader sees each event once', async () => {
  await using here = await testDatabase();
  const writers = await Promise.all(Array.from({ length: WRITERS }, () => openDatabase(here.store.url)));
  const reader = new Reader(here.db);
  let isOver = false;
  const reading = (async () => {
    while (!isOver) await reader.look();
    await reader.look();
  })();
  const append = (n: number) =>
    writers[n % WRITERS]?.write(async (trx) => {
      await appendEvents(trx, [eventOf(here, n)], 0);
      if (n % 7 === 0) throw new Error('undone');
    });
  const all = Array.from({ length: WRITERS * WRITES }, (_, n) => n);
  await Promise.allSettled(all.map(append));
  isOver = true;
  await reading;
  assert.deepEqual(
    reader.seen.toSorted((a, b) => a - b),
    all.filter((n) => n % 7 !== 0),
  );
  await Promise.all(writers.map((writer) => writer.close()));
});

test('control: who does a write again without asking does it twice, when the answer to the commit was lost', async () => {
  await using here = await testDatabase();
  await using network = await CommitProxy.start(here.store.url);
  const write = async () => {
    const client = await connectTo(network.url);
    await client.query('begin');
    await client.query(INSERT, [here.sender, '{"n":1}']);
    await client.query('commit');
    await client.end();
  };
  network.cuts.push('after');
  await assert.rejects(write());
  await write();
  const reader = new Reader(here.db);
  await reader.look();
  assert.deepEqual(reader.seen, [1, 1]);
});

test('connections that the server ends are no fault of a work, and nothing is done twice or lost', async () => {
  await using here = await testDatabase();
  const db = await openDatabase(here.store.url);
  const terminate = () =>
    here.store.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
  const all = Array.from({ length: 200 }, (_, n) => n);
  const writing = all.map(async (n) => {
    await pause(n * 3);
    await db.write((trx) => appendEvents(trx, [eventOf(here, n)], 0));
  });
  let isOver = false;
  const terminating = (async () => {
    for (let n = 0; n < 8 && !isOver; n++) {
      await terminate();
      await pause(60);
    }
  })();
  await Promise.all(writing);
  isOver = true;
  await terminating;
  const rows = await here.store.query<{ data_json: string }>('select data_json from events');
  const stored = rows.map(({ data_json }) => Number(JSON.parse(data_json).n)).sort((a, b) => a - b);
  assert.deepEqual(stored, all);
  await db.close();
});
