import { existsSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { errorText, SetupError } from '../errors.ts';
import { isBusy } from './busy.ts';

/** "Mahl" in ASCII, in the header of every database of this product (sqlite.org/fileformat.html, 1.3.15). */
export const APPLICATION_ID = 0x4d61686c;

/** The first migration; with the tables that it creates, its name identifies a database of ours without the mark. */
const FIRST_MIGRATION = '0001-initial';
const FIRST_TABLES: readonly string[] = ['connections', 'lanes', 'messages', 'outbox', 'workers'];
/** How long (ms) to wait for another process that creates the database. */
const LOCK_WAIT_MS = 5000;

/**
 * Checks whose file it is, and changes nothing: another application's file stays byte for byte as it was. A missing
 * or empty file may become ours.
 * @throws SetupError when it belongs to another application, is no database at all, or cannot be read.
 */
export function refuseForeign(file: string): void {
  if (!existsSync(file)) return;
  let foreign: boolean;
  try {
    foreign = isForeign(file);
  } catch (cause) {
    if (isBusy(cause)) throw cause;
    throw new SetupError(
      `${file} cannot be read as a database: ${errorText(cause)}. If DATABASE_URL is right, docs/troubleshooting.md says what to do; nothing was changed.`,
      { cause },
    );
  }
  if (!foreign) return;
  throw new SetupError(
    `${file} is the database of another application, and was left as it is: DATABASE_URL must name one of Mahilo Registry, or a file that does not exist yet.`,
  );
}

/** Whether a file is the database of another application. Changes nothing. @throws SqliteError when it cannot be read. */
export function isForeign(file: string): boolean {
  const sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
  try {
    return !isOurs(sqlite);
  } finally {
    sqlite.close();
  }
}

/** Whether an open database is one of this product, or may become one, since it is empty. */
export function isOurs(sqlite: BetterSqlite3.Database): boolean {
  // All of it is read at one moment: another process may just be creating the database.
  return sqlite.transaction(looksLikeOurs)(sqlite);
}

function looksLikeOurs(sqlite: BetterSqlite3.Database): boolean {
  const id = sqlite.pragma('application_id', { simple: true });
  if (id !== 0) return id === APPLICATION_ID;
  const tables = sqlite.prepare('select name from sqlite_schema').pluck().all().map(String);
  if (tables.length === 0) return sqlite.pragma('user_version', { simple: true }) === 0;
  if (!['kysely_migration', ...FIRST_TABLES].every((name) => tables.includes(name))) return false;
  return sqlite.prepare('select 1 from kysely_migration where name = ?').get(FIRST_MIGRATION) !== undefined;
}
