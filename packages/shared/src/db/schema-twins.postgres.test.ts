import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { postgresServer } from '../../test/dialect.ts';
import { TestDirectory } from '../../test/directory.ts';
import { postgresSchema } from '../../test/postgres/schema.ts';
import { PostgresStore } from '../../test/postgres/store.ts';
import type { DescribedSchema } from '../../test/schema-description.ts';
import { sqliteSchema } from '../../test/sqlite-schema.ts';
import { SqliteStore } from '../../test/sqlite-store.ts';

/** What only a server needs: SQLite has one writer, one log, and numbers its rows by itself. */
const ONLY_POSTGRES = {
  tables: ['log', 'writers'],
  columns: ['messages.arrival'],
  triggers: ['audit_is_never_emptied'],
};
/** Users and connections are never deleted, and on a server each reference costs a lock and a look-up for every row. */
const ONLY_SQLITE = {
  references: [
    'events.user_id → users.id',
    'lanes.connection_id → connections.id',
    'messages.sender_id → users.id',
    'outbox.connection_id → connections.id',
  ],
};

let sqlite: DescribedSchema;
let postgres: DescribedSchema;

before(async () => {
  using directory = new TestDirectory();
  const file = new SqliteStore(directory.path);
  await file.make();
  sqlite = await sqliteSchema(file);
  const server = new PostgresStore(postgresServer() ?? '');
  await server.make();
  postgres = await postgresSchema(server);
  await server.drop();
});

/** Those without which the other dialect does. */
function without(all: readonly string[], left: readonly string[]): string[] {
  for (const one of left) assert.ok(all.includes(one), `${one} is no exception any more`);
  return all.filter((one) => !left.includes(one));
}

test('both databases have the same tables and columns, of the same kinds, defaults and nullability', () => {
  const tables = without(Object.keys(postgres.columns), ONLY_POSTGRES.tables);
  assert.deepEqual(tables, Object.keys(sqlite.columns));
  for (const table of tables) {
    const own = ONLY_POSTGRES.columns.filter((name) => name.startsWith(`${table}.`));
    const columns = (postgres.columns[table] ?? []).filter(
      (column) => !own.some((name) => `${table}.${column}`.startsWith(`${name} `)),
    );
    assert.deepEqual(columns, sqlite.columns[table], table);
  }
});

test('both have the same indexes, by name, columns, order, condition and uniqueness', () => {
  assert.deepEqual(postgres.indexes, sqlite.indexes);
});

test('both have the same keys: primary and unique', () => {
  const isOwn = (key: string) => ONLY_POSTGRES.tables.some((table) => key.startsWith(`${table} `));
  assert.deepEqual(
    postgres.keys.filter((key) => !isOwn(key)),
    sqlite.keys,
  );
});

test('both have the same references, but for those of rows that are written most', () => {
  assert.deepEqual(postgres.references, without(sqlite.references, ONLY_SQLITE.references));
});

test('both have as many checks in each table, and the same triggers', () => {
  const own = ONLY_POSTGRES.tables.map((table) => [table, postgres.checks[table]] as const);
  assert.deepEqual(postgres.checks, { ...sqlite.checks, ...Object.fromEntries(own) });
  assert.deepEqual(without(postgres.triggers, ONLY_POSTGRES.triggers), sqlite.triggers);
});

test('every text of PostgreSQL is compared and sorted byte by byte', () => {
  assert.deepEqual(postgres.otherCollations, []);
});
