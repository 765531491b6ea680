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

test('policies from before have every field they had, deny what breaks them, and are for whatever is sent', async () => {
  using directory = new TestDirectory();
  const file = directory.file('mahilo.db');
  const sqlite = new BetterSqlite3(file);
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) });
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db: kysely, provider }).migrateTo('0018-present-clients');
  assert.equal(error, undefined);
  sqlite.exec(`insert into users (id, username, created_at) values ('usr_1', 'ann', 7);
    insert into policies (id, user_id, scope, target_id, policy_type, content, priority, enabled, created_at) values
      ('pol_1', 'usr_1', 'global', null, 'heuristic', '{"maxLength":3}', 5, 1, 7),
      ('pol_2', 'usr_1', 'user', 'usr_2', 'llm', 'Be kind.', 0, 0, 8),
      ('pol_3', 'usr_1', 'group', 'grp_1', 'heuristic', '{}', 100, 1, 9)`);
  await kysely.destroy();

  const db = await openSqlite(file);
  const rows = await db.kysely.selectFrom('policies').selectAll().orderBy('id').execute();
  const always = {
    user_id: 'usr_1',
    effect: 'deny',
    direction: null,
    resource: null,
    action: null,
    source: 'legacy_migrated',
    effective_from: null,
    expires_at: null,
    max_uses: null,
    remaining_uses: null,
    derived_from_message_id: null,
    learning_provenance_json: null,
    updated_at: null,
  };
  assert.deepEqual(rows, [
    { ...always, id: 'pol_1', scope: 'global', target_id: null, ...rules('{"maxLength":3}', 5, 1, 7) },
    {
      ...always,
      id: 'pol_2',
      scope: 'user',
      target_id: 'usr_2',
      ...rules('Be kind.', 0, 0, 8),
      evaluator: 'llm',
    },
    { ...always, id: 'pol_3', scope: 'group', target_id: 'grp_1', ...rules('{}', 100, 1, 9) },
  ]);
  await db.close();
});

const rules = (content: string, priority: number, enabled: number, created_at: number) => ({
  evaluator: 'heuristic',
  content,
  priority,
  enabled,
  created_at,
});
