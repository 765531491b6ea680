import assert from 'node:assert/strict';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { TestDirectory } from '../../../test/directory.ts';
import { SqliteQueueDialect } from './dialect.ts';

interface Counters {
  counter: { id: number; n: number };
}

/** Two connections on one new file, and the statements that the first one prepares and runs. */
function connections() {
  const directory = new TestDirectory();
  const ran: string[] = [];
  const prepared: string[] = [];
  const sqlite = new BetterSqlite3(directory.file('test.db'), {
    timeout: 25,
    verbose: (statement) => ran.push(String(statement)),
  });
  const prepare = sqlite.prepare.bind(sqlite);
  sqlite.prepare = ((source: string) => {
    prepared.push(source);
    return prepare(source);
  }) as typeof sqlite.prepare;
  sqlite.pragma('journal_mode = wal');
  sqlite.exec('create table counter (id integer primary key, n integer not null)');
  const db = new Kysely<Counters>({ dialect: new SqliteQueueDialect(sqlite) });
  const other = new BetterSqlite3(directory.file('test.db'), { timeout: 0 });
  return {
    db,
    other,
    ran,
    prepared,
    async [Symbol.asyncDispose]() {
      await db.destroy();
      other.close();
      directory[Symbol.dispose]();
    },
  };
}

test('race: a transaction that reads and then writes is not overtaken by another writer in between', async () => {
  await using here = connections();
  here.other.exec('insert into counter values (1, 0)');
  await here.db.transaction().execute(async (trx) => {
    const { n } = await trx.selectFrom('counter').select('n').executeTakeFirstOrThrow();
    assert.throws(() => here.other.exec('update counter set n = 100'), { code: 'SQLITE_BUSY' });
    await trx
      .updateTable('counter')
      .set({ n: n + 1 })
      .execute();
  });
  assert.equal(here.other.prepare('select n from counter').pluck().get(), 1);
});

test('a transaction that only reads takes no write lock', async () => {
  await using here = connections();
  await here.db
    .transaction()
    .setAccessMode('read only')
    .execute(async (trx) => {
      await trx.selectFrom('counter').selectAll().execute();
      here.other.exec('insert into counter values (1, 0)');
    });
});

test('nothing in a statement lets SQLite plan again when values are bound', async () => {
  await using here = connections();
  await here.db.insertInto('counter').values({ id: 1, n: 3 }).execute();
  const found = await sql<{ n: number; text: string }>`
    select n, 'limit ?' || "id" as text from counter where id in (${1}, ${2}) and n < ${4} order by n limit ${1} offset ${0}
  `.execute(here.db);
  assert.deepEqual(found.rows, [{ n: 3, text: 'limit ?1' }]);
  const [statement = ''] = here.prepared.filter((text) => text.includes('from counter where'));
  assert.match(statement, /'limit \?'.* in \(\+\?, \+\?\) and n < \+\? order by n limit 0 \+ \? offset \+\?/);
});

test('a statement is prepared once, however often it runs', async () => {
  await using here = connections();
  for (let id = 1; id <= 50; id++) await here.db.insertInto('counter').values({ id, n: id }).execute();
  assert.equal(here.prepared.filter((statement) => statement.startsWith('insert')).length, 1);
  assert.equal(here.ran.filter((statement) => statement.startsWith('insert')).length, 50);
  const rows = await here.db.selectFrom('counter').select('n').orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 50 }, (_, i) => i + 1),
  );
});

test('statements do not pile up: when there are too many, all are prepared anew as they are used', async () => {
  await using here = connections();
  const ask = (n: number) => sql.raw(`select ${n}`).execute(here.db);
  const preparations = (n: number) => here.prepared.filter((statement) => statement === `select ${n}`).length;
  for (let n = 0; n < 500; n++) await ask(n);
  await ask(0);
  await ask(500);
  await ask(0);
  await ask(500);
  assert.deepEqual([preparations(0), preparations(500)], [2, 1]);
});

test('a prepared statement notices that the schema was changed elsewhere', async () => {
  await using here = connections();
  const all = () => sql<object>`select * from counter`.execute(here.db);
  here.other.exec('insert into counter values (1, 0)');
  await all();
  here.other.exec('alter table counter add column label text');
  const { rows } = await all();
  assert.deepEqual(rows, [{ id: 1, n: 0, label: null }]);
});

test('a migration that fails leaves nothing of itself, nor of those that ran with it', async () => {
  await using here = connections();
  const creating = (table: string) => ({
    up: async (db: Kysely<unknown>) => {
      await sql.raw(`create table ${table} (id integer)`).execute(db);
    },
  });
  const failing = {
    up: async () => {
      throw new Error('in the middle');
    },
  };
  const provider = { getMigrations: async () => ({ '1': creating('first'), '2': failing }) };
  const { error } = await new Migrator({ db: here.db, provider }).migrateToLatest();
  assert.match(String(error), /in the middle/);
  assert.throws(() => here.other.prepare('select * from first'), /no such table/);
});

test('an error after which SQLite has rolled back by itself is told as it is', async () => {
  await using here = connections();
  await sql`pragma max_page_count = 4`.execute(here.db);
  const fill = here.db.transaction().execute(async (trx) => {
    await sql`create table big (text text)`.execute(trx);
    for (;;) await sql`insert into big values (randomblob(9000))`.execute(trx);
  });
  await assert.rejects(fill, { code: 'SQLITE_FULL' });
  await here.db.insertInto('counter').values({ id: 1, n: 1 }).execute();
});
