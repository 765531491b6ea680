import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { type TestDatabase, testDatabase } from '../../../test/database.ts';
import { CommitProxy } from '../../../test/postgres/commit-proxy.ts';
import type { Database } from '../database.ts';
import { openDatabase, openExisting, openUpgraded } from '../open.ts';
import type { Schema } from '../schema.ts';
import { HERE } from '../upgrade.ts';
import { hearsNotifications } from './hears-notifications.ts';
import type { ServerOptions } from './options.ts';

/** As a process opens it. */
function opened(here: TestDatabase, options: ServerOptions, url = here.store.url): Promise<Database> {
  return openDatabase(url, 'at once', HERE, options);
}

async function preparedOn(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from pg_prepared_statements`.execute(db);
  return rows[0]?.n ?? 0;
}

for (const prepares of [true, false]) {
  test(`with prepares=${prepares} statements ${prepares ? 'stay' : 'do not stay'} prepared on a connection`, async () => {
    await using here = await testDatabase();
    const db = await opened(here, { prepares });
    const written = await db.write(async (trx) => {
      await trx.updateTable('users').set({ display_name: 'Ann' }).where('id', '=', here.sender).execute();
      return preparedOn(trx);
    });
    assert.equal(written > 0, prepares);
    assert.equal((await preparedOn(db.kysely)) > 0, prepares);
    await db.close();
  });
}

test('whatever the server believes of a table, a statement goes through its indexes', async () => {
  await using here = await testDatabase();
  const db = await opened(here, { readers: 1 });
  // An empty page: to read it as a whole would be cheapest, and such a plan stays prepared while the table grows.
  const plan = (on: Kysely<Schema>) =>
    sql<{ 'QUERY PLAN': string }>`explain select body from messages
      join json_array_elements_text('["msg_1"]') as ended(id) on ended.id = messages.id`.execute(on);
  for (const { rows } of [await plan(db.kysely), await db.write(plan), await db.writeBeside(plan)]) {
    assert.match(JSON.stringify(rows), /Nested Loop.*Index Scan using messages_pkey/);
  }
  await db.close();
});

test('a process has as many connections as it may have to read, and three', async () => {
  await using here = await testDatabase();
  const db = await opened(here, { readers: 2 });
  using _watched = db.onChange(() => undefined);
  const before = await here.store.query<{ pid: number }>(CONNECTIONS);
  await Promise.all(Array.from({ length: 10 }, () => sql`select pg_sleep(0.01)`.execute(db.kysely)));
  await db.write((trx) => sql`select 1`.execute(trx));
  await db.writeBeside((trx) => sql`select 1`.execute(trx));
  const after = await here.store.query<{ pid: number }>(CONNECTIONS);
  assert.ok(after.length - before.length <= 5, `${before.length}, ${after.length}`);
  await db.close();
});

const CONNECTIONS =
  "select pid from pg_stat_activity where datname = current_database() and application_name = 'mahilo'";

test('a table that another process gives a column is read and written as before, by statements that were prepared', async () => {
  await using here = await testDatabase();
  const db = await opened(here, { readers: 1 });
  const readAndWrite = async () => {
    await db.kysely.selectFrom('users').selectAll().execute();
    return db.write((trx) =>
      trx
        .updateTable('users')
        .set({ display_name: 'Ann' })
        .where('id', '=', here.sender)
        .returningAll()
        .execute(),
    );
  };
  await readAndWrite();
  await here.store.query('alter table users add column more text');
  const [row] = await readAndWrite();
  assert.equal(row?.display_name, 'Ann');
  await db.close();
});

/** Less than an answer may take (ms). */
const SOON = { timeout: 40_000 };

test(
  'what waits for a server whose host is gone fails soon, and the process goes on with the next one',
  SOON,
  async () => {
    await using here = await testDatabase();
    await using proxy = await CommitProxy.start(here.store.url);
    const both = here.store.url.replace(
      /@[^/]*/,
      (direct) => `@127.0.0.1:${new URL(proxy.url).port},${direct.slice(1)}`,
    );
    const db = await opened(here, { readers: 1 }, both);
    using _watched = db.onChange(() => undefined);
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db.kysely);
    while (
      (await here.store.query(`${CONNECTIONS} and pid <> ? and query ~ '^listen|snapshot'`, rows[0]?.pid))
        .length === 0
    ) {
      await pause(10);
    }
    proxy.hold();
    await assert.rejects(sql`select 1`.execute(db.kysely), { name: 'ConnectionLost' });
    assert.equal((await db.kysely.selectFrom('users').select('id').execute()).length, 2);
    await db.write((trx) => trx.updateTable('users').set({ display_name: 'Ben' }).execute());
    await db.close();
  },
);

test('notifications arrive where the process listens to the server it writes to, and not elsewhere', async () => {
  await using here = await testDatabase();
  await using other = await testDatabase();
  assert.equal(await hearsNotifications(here.store.url, {}), true);
  assert.equal(await hearsNotifications(here.store.url, { listenUrl: other.store.url }), false);
});

for (const open of [openExisting, openUpgraded]) {
  test(`${open.name} of a server that cannot be reached says so, and does not wait`, async () => {
    await assert.rejects(open('postgres://user:hunter2@127.0.0.1:1/mahilo'), {
      message: /^The database postgres:\/\/127\.0\.0\.1:1\/mahilo cannot be used now: .*ECONNREFUSED/,
    });
  });
}

test('a certificate of an authority that is not there is a mistake of the URL', async () => {
  const url = 'postgres://user@127.0.0.1:1/mahilo?sslmode=verify-full&sslrootcert=/nowhere/ca.pem';
  await assert.rejects(openDatabase(url), {
    name: 'SetupError',
    message: /^A file that DATABASE_URL names: .*\/nowhere\/ca\.pem/,
  });
});
