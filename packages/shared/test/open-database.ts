import { readFileSync, writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';
import { openDatabase, type SqliteDatabase } from '../src/db/open.ts';
import { TestDirectory } from './directory.ts';

/**
 * Makes and opens an empty database in a tenth of the time: it copies a migrated one, and no commit waits
 * for the disk. Not for tests of migrations or durability.
 */
export async function openTestDatabase(file: string): Promise<SqliteDatabase> {
  writeFileSync(file, await emptyDatabase());
  const db = await openDatabase(file);
  await waitForNoDisk(db);
  return db;
}

/** From now on no commit waits for the disk. */
export async function waitForNoDisk({ kysely }: Pick<Database, 'kysely'>): Promise<void> {
  await sql`pragma synchronous = off`.execute(kysely);
}

let empty: Promise<Buffer> | undefined;

/** The bytes of an empty database, migrated once for all tests of this process. */
export function emptyDatabase(): Promise<Buffer> {
  empty ??= migrated();
  return empty;
}

async function migrated(): Promise<Buffer> {
  using directory = new TestDirectory();
  const file = directory.file('empty.db');
  await (await openDatabase(file)).close();
  return readFileSync(file);
}
