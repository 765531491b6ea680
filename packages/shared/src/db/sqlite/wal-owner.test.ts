import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { testDatabase } from '../../../test/database.ts';
import { onlyWithSqlite } from '../../../test/dialect.ts';
import { TestDirectory } from '../../../test/directory.ts';
import { SetupError } from '../../errors.ts';
import type { Database } from '../database.ts';
import { openExistingSqlite, openSqlite } from '../open-sqlite.ts';
import { idFileOf } from './wal-owner.ts';

onlyWithSqlite('what db/sqlite does');

const FILES = ['', '-wal', '-id'] as const;

async function addUser(db: Database, id: string): Promise<void> {
  const user = { id, username: id, display_name: null, created_at: 0 };
  await db.write((trx) => trx.insertInto('users').values(user).execute());
}

/** What a crash of all processes leaves of an open database. */
function crashOf(from: string, directory: TestDirectory): string {
  const file = directory.file('mahilo.db');
  for (const suffix of FILES) copyFileSync(from + suffix, file + suffix);
  return file;
}

/** A backup as other programs make one: page by page, with the id and the journal mode of the original. */
async function copyPages(from: string, target: string): Promise<void> {
  const sqlite = new BetterSqlite3(from);
  await sqlite.backup(target);
  sqlite.close();
}

async function usersIn(file: string): Promise<string[]> {
  const db = await openSqlite(file);
  const rows = await db.kysely.selectFrom('users').select('id').where('id', 'like', 'usr-%').execute();
  await db.close();
  return rows.map(({ id }) => id).toSorted();
}

test('a database that a crash has left is opened, with all that is in its WAL', async () => {
  await using here = await testDatabase();
  using directory = new TestDirectory();
  await addUser(here.db, 'usr-1');
  await here.db.upkeep.seldom();
  await addUser(here.db, 'usr-2');
  assert.deepEqual(await usersIn(crashOf(here.file, directory)), ['usr-1', 'usr-2']);
});

for (const how of ['page by page', 'by VACUUM INTO'] as const) {
  test(`a backup made ${how} and copied over a database after a crash is refused, and left as it is`, async () => {
    await using here = await testDatabase();
    using directory = new TestDirectory();
    await addUser(here.db, 'usr-1');
    const backup = directory.file('backup.db');
    if (how === 'page by page') await copyPages(here.file, backup);
    else new BetterSqlite3(here.file).prepare('vacuum into ?').run(backup);
    await here.db.upkeep.seldom();
    await addUser(here.db, 'usr-2');
    const file = crashOf(here.file, directory);
    copyFileSync(backup, file);
    const before = statSync(`${file}-wal`);
    for (const open of [openSqlite, openExistingSqlite]) {
      await assert.rejects(open(file), (error) => {
        assert.ok(error instanceof SetupError);
        assert.match(error.message, /belongs to: .*To use the file as it is, delete \S+-wal and \S+-shm/);
        return true;
      });
    }
    assert.deepEqual([statSync(`${file}-wal`).size, existsSync(`${file}-shm`)], [before.size, false]);
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    assert.deepEqual(await usersIn(file), ['usr-1']);
  });
}

test('after a clean stop a backup may be copied over the database', async () => {
  await using here = await testDatabase();
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const db = await openSqlite(file);
  await addUser(db, 'usr-1');
  await copyPages(file, directory.file('backup.db'));
  await db.upkeep.seldom();
  await addUser(db, 'usr-2');
  await db.close();
  copyFileSync(directory.file('backup.db'), file);
  assert.deepEqual(await usersIn(file), ['usr-1']);
  assert.notEqual(here.file, file);
});

test('a database of a version that knew no ids is opened', async () => {
  await using here = await testDatabase();
  using directory = new TestDirectory();
  await addUser(here.db, 'usr-1');
  const file = crashOf(here.file, directory);
  rmSync(idFileOf(file));
  assert.deepEqual(await usersIn(file), ['usr-1']);
});

test('many processes and renewals at once leave a database that each of their crashes can be opened from', async () => {
  await using here = await testDatabase();
  const others = await Promise.all([openSqlite(here.file), openSqlite(here.file)]);
  for (let round = 0; round < 20; round++) {
    await Promise.all([here.db, ...others].map((db, i) => addUser(db, `usr-${round}-${i}`)));
    for (const db of [here.db, ...others]) await db.upkeep.seldom();
    if (round % 5 > 0) continue;
    using directory = new TestDirectory();
    assert.equal((await usersIn(crashOf(here.file, directory))).length, 3 * (round + 1));
  }
  for (const db of others) await db.close();
});
