import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { testDatabase } from '../../test/database.ts';
import type { Database } from './database.ts';
import { openDatabase, openExisting, openUpgraded } from './open.ts';
import { isReady } from './ready.ts';
import { assertSchemaKnown, isSchemaUsable } from './schema-age.ts';

test('a process can start while another one holds the write lock', async () => {
  await using here = await testDatabase();
  await using _lock = await here.store.lock();
  const second = await openDatabase(here.store.url);
  await second.close();
});

test('a database that a newer version wrote is refused in a sentence, and left as it is', async () => {
  await using here = await testDatabase();
  await addMigration(here.db, '0999-from-the-future');
  assert.equal(await isSchemaUsable(here.db.kysely), false);
  await assert.rejects(openDatabase(here.store.url), {
    message:
      'The database was written by a newer version of Mahilo Registry (it has 0999-from-the-future); start that version, or restore a backup.',
  });
});

test('ready is said while the database takes writes and has the schema of this code, and not before or after', async () => {
  await using here = await testDatabase();
  assert.equal(await isReady(here.db, 0), true);
  await addMigration(here.db, '0999-from-the-future');
  assert.equal(await isReady(here.db, 0), false);
});

test('a newer version that only added to the database is gone on beside, by who is not too old for that', async () => {
  await using here = await testDatabase();
  await addMigration(here.db, '0990-added-beside-0001');
  assert.equal(await isReady(here.db, 0), true);
  for (const open of [openDatabase, openUpgraded, openExisting]) await (await open(here.store.url)).close();
  await assert.rejects(assertSchemaKnown(here.db.kysely), /use the tools of that version/);
  await addMigration(here.db, '0991-taken-away-beside-0990');
  assert.equal(await isReady(here.db, 0), false);
  for (const open of [openDatabase, openUpgraded, openExisting]) {
    await assert.rejects(open(here.store.url), /written by a newer version/);
  }
});

test('a database whose migration did not run is not ready', async () => {
  await using here = await testDatabase();
  await sql`delete from kysely_migration`.execute(here.db.kysely);
  assert.equal(await isReady(here.db, 0), false);
});

test('the directory has another version when who there is, or who may write to whom, has changed, and only then', async () => {
  await using here = await testDatabase();
  const connectionId = await here.addConnection();
  const versions = new Set([await here.db.accessVersion()]);
  const change = async (work: Parameters<Database['write']>[0], renews: boolean) => {
    await here.db.write(work);
    const version = await here.db.accessVersion();
    assert.equal(!versions.has(version), renews, String(work));
    versions.add(version);
  };
  await change((trx) => trx.updateTable('users').set({ display_name: 'Ann' }).execute(), true);
  await change((trx) => trx.updateTable('connections').set({ status: 'suspended' }).execute(), true);
  const terms = { name: 'default', scope: 'all' } as const;
  const key = { id: 'key', user_id: here.sender, ...terms, hash: Buffer.of(1), created_at: 0 };
  await change((trx) => trx.insertInto('api_keys').values(key).execute(), true);
  await change((trx) => trx.updateTable('api_keys').set({ last_used_at: 1 }).execute(), false);
  await change((trx) => trx.updateTable('api_keys').set({ expires_at: 1 }).execute(), true);
  await change((trx) => trx.deleteFrom('api_keys').execute(), true);
  await here.sendOne(connectionId);
  await change((trx) => trx.updateTable('outbox').set({ due_at: 1 }).execute(), false);
});

test('closing waits for the writes that were asked for', async () => {
  await using here = await testDatabase();
  const db = await openDatabase(here.store.url);
  const user = { id: 'usr_1', username: 'cid', display_name: null, created_at: 0 };
  const writing = db.write((trx) => trx.insertInto('users').values(user).execute());
  await db.close();
  assert.equal((await here.store.query("select id from users where id = 'usr_1'")).length, 1);
  await writing;
});

async function addMigration(db: Database, name: string): Promise<void> {
  await sql`insert into kysely_migration (name, timestamp) values (${name}, '')`.execute(db.kysely);
}
