import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { SetupError } from '../../errors.ts';
import { type Random, systemRandom } from '../../random.ts';
import { checkpoint } from './checkpoint.ts';

/** Offsets in the header of a database (sqlite.org/fileformat2.html, 1.3): read version and user version. */
const READ_VERSION_AT = 19;
const USER_VERSION_AT = 60;
const HEADER_BYTES = 100;
const WAL_MODE = 2;
/** A WAL that has only its header holds no frame. */
const WAL_HEADER_BYTES = 32;
const OWNER_ONLY = 0o600;

/** How often this process has each file open through SQLite. */
const openHere = new Map<string, number>();

/** The file that lists the ids which the database file may have while a WAL lies beside it. */
export function idFileOf(databaseFile: string): string {
  return `${databaseFile}-id`;
}

/** Records that this process has a file open, until it is disposed of. */
export function holdOpen(file: string): Disposable {
  openHere.set(file, (openHere.get(file) ?? 0) + 1);
  return {
    [Symbol.dispose]() {
      openHere.set(file, (openHere.get(file) ?? 1) - 1);
    },
  };
}

/**
 * Makes sure that the WAL beside a database file belongs to it. SQLite cannot tell: after a crash it replays the WAL
 * into whatever file is there, even into a backup that was copied over the old file.
 * @throws SetupError with a sentence that says what to do.
 */
export function assertOwnWal(file: string): void {
  // Closing the file would drop the locks that this process holds on it (sqlite.org/howtocorrupt.html §2.2).
  if ((openHere.get(file) ?? 0) > 0) return;
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (wal === undefined || wal.size <= WAL_HEADER_BYTES || !existsSync(file)) return;
  const header = headerOf(file);
  if (header === undefined) return;
  const ids = idsBeside(file);
  const isOwn = header[READ_VERSION_AT] === WAL_MODE && ids?.includes(idIn(header)) !== false;
  if (isOwn) return;
  throw new SetupError(
    `${file} is another file than the one that ${file}-wal belongs to: something, a backup perhaps, was copied over the database after a crash. Together they would make a damaged one. To use the file as it is, delete ${file}-wal and ${file}-shm; next time stop every process, and use \`npm run admin -- restore\`.`,
  );
}

/** Undefined when the file is too short to be a database. */
function headerOf(file: string): Buffer | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return readSync(descriptor, header) === HEADER_BYTES ? header : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function idIn(header: Buffer): number {
  return header.readInt32BE(USER_VERSION_AT);
}

function idsBeside(file: string): number[] | undefined {
  try {
    return readFileSync(idFileOf(file), 'utf8').trim().split(' ').map(Number);
  } catch {
    // A version without ids wrote it.
    return undefined;
  }
}

/**
 * Gives the database another id, so that a copy made before is recognized by its old one. The id is in the database
 * file and beside it. Does nothing while others are busy with the database; the next call will do it.
 */
export function renewFileId(
  sqlite: BetterSqlite3.Database,
  file: string,
  random: Random = systemRandom,
): void {
  if (sqlite.inTransaction) return;
  const before = idOf(sqlite);
  if (!writesBackAll(sqlite)) return;
  const after = random.bytes(4).readInt32BE(0);
  // From here to the commit the file may have either id.
  const isRenewed = whileLocked(sqlite, () => {
    if (idOf(sqlite) !== before) return false;
    writeDurably(file, `${before} ${after}`);
    sqlite.pragma(`user_version = ${after}`);
    return true;
  });
  if (!isRenewed || !writesBackAll(sqlite)) return;
  whileLocked(sqlite, () => {
    if (idOf(sqlite) === after) writeDurably(file, String(after));
    return true;
  });
}

function idOf(sqlite: BetterSqlite3.Database): number {
  return Number(sqlite.pragma('user_version', { simple: true }));
}

/** False also when the disk is full, for example. */
function writesBackAll(sqlite: BetterSqlite3.Database): boolean {
  try {
    return checkpoint(sqlite, 'passive');
  } catch {
    return false;
  }
}

/**
 * Runs `act` with the write lock, in one transaction.
 * @returns what it returned; false when the lock was not available.
 */
function whileLocked(sqlite: BetterSqlite3.Database, act: () => boolean): boolean {
  try {
    return sqlite.transaction(act).immediate();
  } catch {
    // Busy, or no room: nothing has changed, and one id too many beside the database does no harm.
    return false;
  }
}

function writeDurably(file: string, ids: string): void {
  const target = idFileOf(file);
  const temporary = `${target}.new`;
  writeFileSync(temporary, `${ids}\n`, { mode: OWNER_ONLY, flush: true });
  renameSync(temporary, target);
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
