import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { isOurs } from '@mahilo/shared/db/identity';
import { type SchemaAge, schemaAgeOf } from '@mahilo/shared/db/migrations';
import { errorText } from '@mahilo/shared/errors';
import BetterSqlite3 from 'better-sqlite3';

/** How long (ms) a copy waits for a lock; only starting and ending processes hold one that blocks it. */
const LOCK_WAIT_MS = 10_000;
/** Most findings of an integrity check to report. */
const MAX_FINDINGS = 5;

/** Largest size in bytes of a copy of this database. Reads only the file's header. */
export function largestCopy(file: string): number {
  return reading(file, (sqlite) => {
    const pragma = (name: string) => Number(sqlite.pragma(name, { simple: true }));
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  });
}

/**
 * Copies a database as it is at one moment into `target`, which must be absent or empty, and makes sure that it is on
 * the disk. The processes may write meanwhile; they only find the WAL longer than usual. Blocks until it is done.
 *
 * VACUUM INTO reads in one transaction. better-sqlite3's `backup()` would begin anew with each write of another process.
 */
export function copyDatabase(source: string, target: string): void {
  reading(source, (sqlite) => sqlite.prepare('vacuum into ?').run(target));
  // VACUUM INTO does not do so itself (sqlite.org/lang_vacuum.html).
  syncToDisk(target);
}

/** Waits until a file, or the names in a directory, are on the disk. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a rename in a file's directory durable. */
export function syncDirectoryOf(file: string): void {
  syncToDisk(dirname(file));
}

/** Compares the schema of a database file with this code's. @throws Error when it is no database of this product. */
export function schemaOf(file: string): SchemaAge {
  return reading(file, (sqlite) => schemaAge(sqlite, file));
}

/**
 * Reads a whole database file and checks it: its structure, that every index agrees with its table, every foreign
 * key, and that it belongs to this product. Blocks until it is done.
 * @throws Error with a sentence that says what is wrong.
 */
export function checkDatabase(file: string): SchemaAge {
  return reading(file, (sqlite) => {
    const age = schemaAge(sqlite, file);
    const findings = sqlite.pragma(`integrity_check(${MAX_FINDINGS})`) as { integrity_check: string }[];
    const [first] = findings;
    if (first?.integrity_check !== 'ok') {
      throw new Error(`${file} is damaged: ${findings.map((row) => row.integrity_check).join('; ')}.`);
    }
    const dangling = sqlite.pragma('foreign_key_check') as { table: string }[];
    if (dangling.length > 0) {
      throw new Error(
        `${file} is damaged: ${dangling.length} rows of ${dangling[0]?.table} refer to nothing.`,
      );
    }
    return age;
  });
}

function schemaAge(sqlite: BetterSqlite3.Database, file: string): SchemaAge {
  const isFilled = sqlite.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get();
  const names =
    isFilled && isOurs(sqlite) ? sqlite.prepare('select name from kysely_migration').pluck().all() : [];
  if (names.length === 0) throw new Error(`${file} is no database of Mahilo Registry.`);
  return schemaAgeOf(names.map(String));
}

/** @throws Error with a sentence when the file cannot be opened or read. */
function reading<T>(file: string, use: (sqlite: BetterSqlite3.Database) => T): T {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`);
  let sqlite: BetterSqlite3.Database | undefined;
  try {
    sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
    return use(sqlite);
  } catch (error) {
    if (!(error instanceof BetterSqlite3.SqliteError) && sqlite !== undefined) throw error;
    throw new Error(`${file} cannot be read: ${errorText(error)}.`, { cause: error });
  } finally {
    sqlite?.close();
  }
}
