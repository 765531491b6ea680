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

test('agents that polled lose the secret that nothing was signed with, and those with callbacks keep theirs', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const sqlite = new BetterSqlite3(file);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) });
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: kysely, provider }).migrateTo('0017-group-names');
  assert.equal(error, undefined);
  sqlite.exec(`insert into users (id, username, created_at) values ('usr_1', 'ann', 7);
    insert into connections (id, user_id, framework, label, capabilities_json, routing_priority, mode, callback_url,
      callback_secret, previous_secret, previous_secret_expires_at, status, created_at)
    values ('conn_1', 'usr_1', 'f', 'polls', '[]', 0, 'polling', null, x'01', x'02', 9, 'active', 7),
      ('conn_2', 'usr_1', 'f', 'is called', '[]', 0, 'callback', 'https://agent.example/', x'03', x'04', 9, 'active', 7)`);
  await kysely.destroy();

  const db = await openSqlite(file);
  const secrets = await db.kysely
    .selectFrom('connections')
    .select(['id', 'callback_secret', 'previous_secret', 'previous_secret_expires_at', 'mode_word'])
    .orderBy('id')
    .execute();
  const none = { callback_secret: null, previous_secret: null, previous_secret_expires_at: null };
  const own = { callback_secret: Buffer.of(3), previous_secret: Buffer.of(4), previous_secret_expires_at: 9 };
  assert.deepEqual(secrets, [
    { id: 'conn_1', ...none, mode_word: null },
    { id: 'conn_2', ...own, mode_word: null },
  ]);
  await db.close();
});
