import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { TestDirectory } from '../../test/directory.ts';
import { OtherProcess } from '../../test/other-process.ts';
import type { Database } from './database.ts';
import { APPLICATION_ID } from './identity.ts';
import { openExistingSqlite, openSqlite } from './open-sqlite.ts';
import { isReady } from './ready.ts';
import { isSchemaUsable } from './schema-age.ts';
import { leaveMissingNote, missingNoteOf } from './sqlite/placed-file.ts';

onlyWithSqlite('how a file is opened');

async function pragma(db: Database, name: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(`pragma ${name}`).execute(db.kysely);
  return Object.values(rows[0] ?? {})[0];
}

test('a connection is durable, checked and in WAL mode, and never maps the file into memory', async () => {
  await using here = await testDatabase(openSqlite);
  const expected = {
    journal_mode: 'wal',
    synchronous: 2,
    foreign_keys: 1,
    busy_timeout: 25,
    journal_size_limit: 67_108_864,
    wal_autocheckpoint: 16_000,
    cache_size: -4096,
    mmap_size: 0,
    temp_store: 2,
  };
  const names = Object.keys(expected);
  const values = await Promise.all(names.map((name) => pragma(here.db, name)));
  assert.deepEqual(Object.fromEntries(names.map((name, i) => [name, values[i]])), expected);
});

test('a new database has small pages; one that exists is used with those it has', async () => {
  await using here = await testDatabase(openSqlite);
  assert.equal(await pragma(here.db, 'page_size'), 2048);
  using directory = new TestDirectory();
  const older = new BetterSqlite3(directory.file('older.db'));
  older.pragma('page_size = 4096');
  older.exec('create table something (id integer); drop table something');
  older.close();
  const db = await openSqlite(directory.file('older.db'));
  assert.equal(await pragma(db, 'page_size'), 4096);
  await db.close();
});

test('power loss after the first write: durability is still full then', async () => {
  await using here = await testDatabase(openSqlite);
  await here.addConnection();
  assert.equal(await pragma(here.db, 'synchronous'), 2);
});

test('a process may ask that its commits do not wait for the disk', async () => {
  await using here = await testDatabase((file) => openSqlite(file, 'soon'));
  await here.addConnection();
  assert.equal(await pragma(here.db, 'synchronous'), 1);
});

test('events of a process have ids above all that a power cut may have made it forget', async () => {
  await using here = await testDatabase();
  const append = async (db: Database) => {
    const event = { user_id: here.sender, type: 'message_received' as const, data_json: '{}', created_at: 0 };
    const add = () =>
      db.write((trx) => trx.insertInto('events').values(event).returning('id').executeTakeFirstOrThrow());
    return [(await add()).id, (await add()).id];
  };
  assert.deepEqual(await append(here.db), [1, 2]);
  const other = await openSqlite(here.file);
  const [first = 0, second] = await append(other);
  await other.close();
  assert.ok(first > 100_000, String(first));
  assert.equal(second, first + 1);
});

test('a missing directory is made, and strangers may not look into it', async () => {
  using directory = new TestDirectory();
  const db = await openSqlite(directory.file('some/where/mahilo.db'));
  await db.close();
  assert.ok(statSync(directory.file('some/where/mahilo.db')).isFile());
  assert.equal(statSync(directory.file('some/where')).mode & 0o007, 0);
});

test('a file that is no database is refused and left as it is', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const letter = 'This is a letter and no database, and it is longer than a header.'.repeat(20);
  writeFileSync(file, letter);
  await assert.rejects(openSqlite(file), { name: 'SetupError', message: /not a database/ });
  assert.equal(readFileSync(file, 'utf8'), letter);
});

for (const [owner, statements] of [
  ['another application', 'create table notes (id integer)'],
  ['an application that marks its files', 'pragma application_id = 42'],
  ['an application that has made no table yet', 'pragma user_version = 7'],
  [
    'another application of Kysely',
    `create table kysely_migration (name text, timestamp text);
     create table kysely_migration_lock (id text, is_locked integer);
     insert into kysely_migration values ('0001-initial', '');
     create table messages (id integer)`,
  ],
] as const) {
  for (const mode of ['delete', 'wal'] as const) {
    test(`a file of ${owner} (journal mode ${mode}) is refused, and stays byte for byte as it was`, async () => {
      using directory = new TestDirectory();
      const file = directory.file('theirs.db');
      const theirs = new BetterSqlite3(file);
      theirs.pragma(`journal_mode = ${mode}`);
      theirs.exec(statements);
      theirs.close();
      const before = readFileSync(file);
      for (const open of [openSqlite, openExistingSqlite]) {
        await assert.rejects(open(file), {
          name: 'SetupError',
          message: /another application.*DATABASE_URL/,
        });
      }
      assert.deepEqual(readFileSync(file), before);
    });
  }
}

test('a database of an older version, which did not say whose it is, is taken and marked', async () => {
  await using here = await testDatabase(openSqlite);
  const { file } = here;
  assert.equal(await pragma(here.db, 'application_id'), APPLICATION_ID);
  await sql`pragma application_id = 0`.execute(here.db.kysely);
  const again = await openSqlite(file);
  assert.equal(await pragma(again, 'application_id'), APPLICATION_ID);
  await again.close();
});

test('what was written to a file that is no longer the database is not acknowledged', async () => {
  await using here = await testDatabase(openSqlite);
  renameSync(here.file, `${here.file}.old`);
  assert.match(String(here.db.upkeep.loss()?.sentence), /^The database .* was deleted, renamed or replaced/);
  await assert.rejects(
    here.db.write((trx) => trx.updateTable('users').set({ created_at: 1 }).execute()),
    { code: 'UNAVAILABLE' },
  );
  assert.equal(await isReady(here.db, 0), false);
  renameSync(`${here.file}.old`, here.file);
  assert.equal(await isReady(here.db, 0), true);
  assert.equal(here.db.upkeep.loss(), undefined);
});

test('a database that was lost is not begun anew, until there is one again or the note is gone', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  await (await openSqlite(file)).close();
  renameSync(file, `${file}.away`);
  leaveMissingNote(file);
  for (const open of [openSqlite, openExistingSqlite]) {
    await assert.rejects(open(file), { name: 'SetupError', message: /is gone.*mahilo\.db\.missing/ });
  }
  assert.equal(existsSync(file), false);
  renameSync(`${file}.away`, file);
  await (await openSqlite(file)).close();
  assert.equal(existsSync(missingNoteOf(file)), false);
  rmSync(file);
  leaveMissingNote(file);
  rmSync(missingNoteOf(file));
  await (await openSqlite(file)).close();
});

test('a place where no file can be is told in a sentence that names the file', async () => {
  using directory = new TestDirectory();
  writeFileSync(directory.file('occupied'), '');
  await assert.rejects(openSqlite(directory.file('occupied/mahilo.db')), {
    name: 'SetupError',
    message: /^The database .*occupied\/mahilo\.db cannot be opened: .*occupied is a file/,
  });
});

test('race: several processes that open a new file at once all find it migrated', async () => {
  for (let round = 0; round < 3; round++) {
    using directory = new TestDirectory();
    const file = directory.file('mahilo.db');
    await using processes = new AsyncDisposableStack();
    const others = await Promise.all(
      Array.from({ length: 5 }, async () => processes.use(await OtherProcess.start(file))),
    );
    const [db] = await Promise.all([openSqlite(file), ...others.map((other) => other.open())]);
    processes.defer(() => db.close());
    assert.equal(await isSchemaUsable(db.kysely), true);
  }
});

test('a database that may only be read is not ready', async () => {
  await using here = await testDatabase(openSqlite);
  await sql`pragma query_only = on`.execute(here.db.kysely);
  assert.equal(await isReady(here.db, 0), false);
});

test('the data version changes when another connection has committed, and only then', async () => {
  await using here = await testDatabase(openSqlite);
  const first = here.db.dataVersion();
  await here.db.write((trx) => trx.updateTable('users').set({ display_name: 'Ann' }).execute());
  assert.equal(here.db.dataVersion(), first, 'our own commit');
  const other = new BetterSqlite3(here.file);
  other.exec('begin; update users set display_name = null');
  assert.equal(here.db.dataVersion(), first, 'not committed yet');
  other.exec('commit');
  other.close();
  const second = here.db.dataVersion();
  assert.notEqual(second, first);
  assert.equal(here.db.dataVersion(), second);
});
