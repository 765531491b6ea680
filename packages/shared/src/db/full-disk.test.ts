import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { SmallDisk } from '../../test/small-disk.ts';
import { MahiloError } from '../errors.ts';
import type { Database } from './database.ts';
import { openSqlite } from './open-sqlite.ts';
import { isReady } from './ready.ts';

onlyWithSqlite('a disk that is full under the file');

let written = 0;

/** Writes a user whose name takes a few pages. @returns the id. */
async function addUser(db: Database): Promise<string> {
  const id = `usr_${written++}`;
  const user = { id, username: id, display_name: 'x'.repeat(20_000), created_at: 0 };
  await db.write((trx) => trx.insertInto('users').values(user).execute());
  return id;
}

async function addUsersUntilRefused(db: Database): Promise<string[]> {
  const ids: string[] = [];
  try {
    for (;;) ids.push(await addUser(db));
  } catch (error) {
    assert.ok(error instanceof MahiloError, String(error));
    assert.deepEqual([error.code, error.status, error.retryAfterSeconds], ['UNAVAILABLE', 503, 1]);
    return ids;
  }
}

async function users(db: Database): Promise<string[]> {
  const rows = await db.kysely.selectFrom('users').select('id').where('username', 'like', 'usr%').execute();
  return rows.map(({ id }) => id).sort();
}

test('a database that may not grow refuses the whole group, and takes writes again when it may', async () => {
  await using here = await testDatabase();
  const limit = async (pages: number) => sql.raw(`pragma max_page_count = ${pages}`).execute(here.db.kysely);
  await limit(60);
  const added = await addUsersUntilRefused(here.db);
  const small = here.db.write((trx) => trx.updateTable('users').set({ created_at: 1 }).execute());
  const group = await Promise.allSettled([small, addUser(here.db)]);
  assert.deepEqual(
    group.map(({ status }) => status),
    ['rejected', 'rejected'],
    'nobody knows what of the transaction SQLite has kept',
  );
  assert.deepEqual(await users(here.db), added.toSorted());
  await limit(10_000);
  added.push(await addUser(here.db));
  assert.deepEqual(await users(here.db), added.toSorted());
});

/** A database on its own small file system; undefined, and the test skipped, where none can be mounted. */
async function onSmallDisk(t: TestContext) {
  const disk = SmallDisk.mount(1024);
  if (disk === undefined) {
    t.skip('This machine lets us mount no small file system.');
    return undefined;
  }
  let db = await openSqlite(disk.file('mahilo.db'));
  return {
    disk,
    get db() {
      return db;
    },
    async reopen() {
      await db.close();
      db = await openSqlite(disk.file('mahilo.db'));
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      disk[Symbol.dispose]();
    },
  };
}

test('a full disk costs nothing that was acknowledged, and ends when there is room again', async (t) => {
  await using here = await onSmallDisk(t);
  if (here === undefined) return;
  const added = await addUsersUntilRefused(here.db);
  assert.ok(added.length > 0);
  assert.deepEqual(await users(here.db), added.toSorted());
  await here.reopen();
  assert.deepEqual(await users(here.db), added.toSorted());
});

test('a process on a full disk says that it is not ready, until there is room again', async (t) => {
  await using here = await onSmallDisk(t);
  if (here === undefined) return;
  assert.equal(await isReady(here.db, 0), true);
  assert.equal(await isReady(here.db, 2 * 1024 * 1024), false, 'less than the reserve');
  here.disk.fill();
  await addUsersUntilRefused(here.db);
  // For a while it may still fit into pages that the refused write has left.
  for (let asked = 0; asked < 20 && (await isReady(here.db, 0)); asked++);
  assert.equal(await isReady(here.db, 0), false);
  here.disk.free();
  assert.equal(await isReady(here.db, 0), true);
  await addUser(here.db);
});
