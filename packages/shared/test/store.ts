import type { Database } from '../src/db/database.ts';
import { openDatabase } from '../src/db/open.ts';
import { postgresServer } from './dialect.ts';
import { waitForNoDisk } from './empty-database.ts';
import { PostgresStore } from './postgres/store.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { TestStore } from './test-store.ts';

/** A store of its own for a test; files that it needs are in the directory, whose owner removes it. */
export function testStore(directory: string): TestStore {
  const server = postgresServer();
  return server === undefined ? new SqliteStore(directory) : new PostgresStore(server);
}

/** Opens an empty database as the product does; no commit waits for the disk. */
export async function openTestDatabase(store: TestStore): Promise<Database> {
  await store.make();
  const db = await openDatabase(store.url);
  await waitForNoDisk(db);
  return db;
}
