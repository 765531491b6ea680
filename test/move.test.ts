import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEFT_BEHIND, MOVED_TABLES } from '@mahilo/operator/move/tables';
import { TestDirectory } from '@mahilo/shared/test/directory';
import { SqliteStore } from '@mahilo/shared/test/sqlite-store';

test('every table is moved, or is known to be left behind', async () => {
  using directory = new TestDirectory();
  const file = new SqliteStore(directory.path);
  await file.make();
  const tables = await file.query<{ name: string }>(
    "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'",
  );
  const known = [...MOVED_TABLES.map(({ name }) => name), ...LEFT_BEHIND];
  assert.deepEqual(tables.map(({ name }) => name).toSorted(), known.toSorted());
});
