import assert from 'node:assert/strict';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { onlyWithSqlite } from '../../../test/dialect.ts';
import { TestDirectory } from '../../../test/directory.ts';
import { migrations } from '../migrations.ts';
import { openSqlite } from '../open-sqlite.ts';

onlyWithSqlite('PostgreSQL begins with the schema of today');

test('the one key that a user had before keeps its id, hash and secret, and may do everything', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const sqlite = new BetterSqlite3(file);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) });
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: kysely, provider }).migrateTo('0008-stored-bytes');
  assert.equal(error, undefined);
  sqlite.exec(`insert into users (id, username, created_at) values ('usr_1', 'ann', 7);
    insert into api_keys (id, user_id, hash, secret_key_id, created_at) values ('key1', 'usr_1', x'01', 'secret', 7)`);
  await kysely.destroy();

  const db = await openSqlite(file);
  const key = await db.kysely.selectFrom('api_keys').selectAll().executeTakeFirst();
  assert.deepEqual(key, {
    id: 'key1',
    user_id: 'usr_1',
    name: 'default',
    scope: 'all',
    connection_id: null,
    hash: Buffer.of(1),
    secret_key_id: 'secret',
    created_at: 7,
    last_used_at: null,
    expires_at: null,
  });
  const before = await db.accessVersion();
  await db.kysely.updateTable('api_keys').set({ last_used_at: 8 }).execute();
  assert.equal(await db.accessVersion(), before);
  await db.kysely.deleteFrom('api_keys').execute();
  assert.notEqual(await db.accessVersion(), before);
  await db.close();
});
