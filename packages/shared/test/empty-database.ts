import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Database } from '../src/db/database.ts';
import { openDatabase } from '../src/db/open.ts';
import { postgresServer } from './dialect.ts';
import { TestDirectory } from './directory.ts';

/** From now on no commit waits for the disk: tests make thousands. The server of the tests has none to wait for. */
export async function waitForNoDisk({ kysely }: Pick<Database, 'kysely'>): Promise<void> {
  if (postgresServer() === undefined) await sql`pragma synchronous = off`.execute(kysely);
}

let empty: Promise<Buffer> | undefined;

/** The SQLite file of an empty database, migrated once for all tests of this process, which takes ten times as long as a copy. */
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
