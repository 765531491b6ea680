import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import BetterSqlite3 from 'better-sqlite3';
import { onlyWithSqlite } from '../../test/dialect.ts';
import { TestDirectory } from '../../test/directory.ts';
import { migrateUpTo, olderDatabase } from '../../test/older-database.ts';
import { migrations } from './migrations.ts';
import { upgradeSize } from './upgrade-size.ts';

onlyWithSqlite('PostgreSQL begins with the schema of today');

/** Schemas before this one are of no release. */
const OLDEST = '0005-operating';

/** Pages of the schema, which exist even without rows; every upgrade asks for megabytes for them. */
const SCHEMA_BYTES = 50_000;

/** For each later migration: how much it claims to write, and how much it writes into the WAL. */
async function sizes(file: string, messages: number) {
  await olderDatabase(file, OLDEST, { messages, users: messages / 10 });
  const sqlite = new BetterSqlite3(file);
  sqlite.pragma('wal_autocheckpoint = 0');
  const found = new Map<string, { said: number; written: number }>();
  const walSize = () => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  for (const name of Object.keys(migrations).filter((later) => later > OLDEST)) {
    sqlite.pragma('wal_checkpoint(truncate)');
    const said = upgradeSize(sqlite, [name]).written;
    await migrateUpTo(sqlite, name);
    found.set(name, { said, written: walSize() });
  }
  sqlite.close();
  return found;
}

test('no migration writes more for what is there than it says, so that a disk with the room that is asked for is not filled', async () => {
  using directory = new TestDirectory();
  const few = await sizes(directory.file('few.db'), 100);
  const many = await sizes(directory.file('many.db'), 6000);
  for (const [name, { said, written }] of many) {
    const less = few.get(name) ?? { said: 0, written: 0 };
    const grown = written - less.written;
    assert.ok(
      grown <= said - less.said + SCHEMA_BYTES,
      `${name} writes ${grown} bytes more, and says ${said - less.said}`,
    );
  }
});
