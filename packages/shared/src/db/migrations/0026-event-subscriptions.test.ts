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

test('deliveries from before are of messages, and no event from before is brought to anybody', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const sqlite = new BetterSqlite3(file);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) });
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: kysely, provider }).migrateTo('0025-event-segments');
  assert.equal(error, undefined);
  sqlite.exec(`insert into users (id, username, created_at) values ('usr_1', 'ann', 7);
    insert into connections (id, user_id, framework, label, capabilities_json, routing_priority, mode, status, created_at)
      values ('conn_1', 'usr_1', 'f', 'polls', '[]', 0, 'polling', 'active', 7);
    insert into messages (id, sender_id, sender_username, sender_agent, recipient_type, recipient_id, recipient, body,
        payload_type, status, created_at)
      values ('msg_1', 'usr_1', 'ann', 'f', 'user', 'usr_1', 'ann', 'hello', 'text/plain', 'pending', 7);
    insert into outbox (id, message_id, recipient_id, connection_id, state, due_at, created_at)
      values ('dlv_1', 'msg_1', 'usr_1', 'conn_1', 'pending', 7, 7);
    insert into events (user_id, type, data_json, created_at) values ('usr_1', 'message_received', '{}', 7)`);
  await kysely.destroy();

  const db = await openSqlite(file);
  const beside = new BetterSqlite3(file);
  const insert = (values: string) =>
    beside.exec(
      `insert into outbox (id, message_id, event_id, recipient_id, connection_id, state, due_at, created_at)
        values ${values}`,
    );
  assert.throws(() => insert(`('dlv_2', 'msg_1', 1, 'usr_1', 'conn_1', 'pending', 7, 7)`), /CHECK/);
  assert.throws(() => insert(`('dlv_2', null, null, 'usr_1', 'conn_1', 'pending', 7, 7)`), /CHECK/);
  assert.throws(
    () => insert(`('dlv_2', 'msg_none', null, 'usr_1', 'conn_1', 'pending', 7, 7)`),
    /FOREIGN KEY/,
  );
  insert(`('dlv_2', null, 1, 'usr_1', 'conn_1', 'pending', 7, 7)`);
  const rows = await db.kysely
    .selectFrom('outbox')
    .select(['id', 'message_id', 'event_id'])
    .orderBy('id')
    .execute();
  assert.deepEqual(rows, [
    { id: 'dlv_1', message_id: 'msg_1', event_id: null },
    { id: 'dlv_2', message_id: null, event_id: 1 },
  ]);
  assert.deepEqual(await db.kysely.selectFrom('event_fan_out').select('position').execute(), [
    { position: 1 },
  ]);
  beside.close();
  await db.close();
});
