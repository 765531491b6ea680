import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely } from 'kysely';
import { systemClock } from '../clock.ts';
import { errorText, SetupError } from '../errors.ts';
import { makeDirectory } from '../make-directory.ts';
import { isBusy, isDiskFailure, isStorageFailure } from './busy.ts';
import type { Database, Durability } from './database.ts';
import { refuseForeign } from './identity.ts';
import { migrateToLatest } from './migrate.ts';
import type { Schema } from './schema.ts';
import { assertSchemaUsable } from './schema-age.ts';
import { watchForChanges } from './sqlite/change-watch.ts';
import { CommitNotifier } from './sqlite/commit-notifier.ts';
import { SqliteQueueDialect } from './sqlite/dialect.ts';
import { fileGauges } from './sqlite/file-gauges.ts';
import { LateSync } from './sqlite/late-sync.ts';
import { PlacedFile, refuseMissing, removeMissingNote } from './sqlite/placed-file.ts';
import { setPragma } from './sqlite/pragma.ts';
import { SqliteTransactions } from './sqlite/transactions.ts';
import { SqliteUpkeep } from './sqlite/upkeep.ts';
import { assertOwnWal, holdOpen } from './sqlite/wal-owner.ts';
import { whyUnusable } from './unusable-place.ts';
import { HERE, type UpgradeSurroundings } from './upgrade.ts';
import { type CommitListener, GroupCommit, unavailable } from './write.ts';

/** Before 3.51.3 concurrent writers and checkpoints could corrupt a WAL database (sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = [3, 51, 3] as const;

/**
 * How long (ms) SQLite itself waits for the write lock. It blocks the event loop meanwhile, so this is short;
 * `GroupCommit` goes on waiting asynchronously.
 */
const BUSY_TIMEOUT_MS = 25;

/**
 * In bytes, for a new database; an existing one keeps its own. A message changes a page in each of several indexes,
 * and the WAL gets whole pages. Half of SQLite's default makes a commit cheaper; a smaller page would not hold a row
 * of the outbox.
 */
const PAGE_SIZE = 2048;

/** What each connection sets, and reads back. */
const PRAGMAS: readonly (readonly [name: string, value: string | number, readBack: string | number])[] = [
  ['journal_mode', 'wal', 'wal'],
  // better-sqlite3 defaults to NORMAL in WAL mode, which loses acknowledged commits on a power cut.
  ['synchronous', 'full', 2],
  ['foreign_keys', 'on', 1],
  ['busy_timeout', BUSY_TIMEOUT_MS, BUSY_TIMEOUT_MS],
  // A checkpoint that resets the WAL shrinks it again after a burst.
  ['journal_size_limit', 67_108_864, 67_108_864],
  // In pages: 32 MB. A safety net: workers write the WAL back long before, so that no request waits for it.
  ['wal_autocheckpoint', 16_000, 16_000],
  // In KiB. The hot data is small, and the system's cache has the rest.
  ['cache_size', -4096, -4096],
  ['mmap_size', 0, 0],
  ['temp_store', 'memory', 2],
];

/** A database that is a SQLite file. */
export interface SqliteDatabase extends Database {
  /** Absolute path of the database file. */
  readonly file: string;
}

/**
 * Opens the SQLite file, creates it if it is missing, and brings its schema up to date. Several processes may do so
 * at once. What was accepted for somebody must be durable `at once`.
 * @throws SetupError when the file cannot be used, belongs to another application, has disappeared, has a schema that
 * does not fit this code, or lies beside the WAL of another file.
 */
export async function openSqlite(
  path: string,
  durability: Durability = 'at once',
  surroundings: UpgradeSurroundings = HERE,
): Promise<SqliteDatabase> {
  const file = resolve(path);
  refuseMissing(file);
  const db = await open(file, (kysely) => migrateToLatest(kysely, file, surroundings), durability);
  removeMissingNote(file);
  await db.upkeep.seldom();
  return db;
}

/**
 * Opens a database for a tool that runs beside the processes. Creates none and leaves the schema as it is.
 * @throws Error with a sentence for a person when there is no database, or this code has another schema.
 */
export async function openExistingSqlite(path: string): Promise<SqliteDatabase> {
  const file = resolve(path);
  refuseMissing(file);
  if (!existsSync(file)) throw new Error(`There is no database ${file}; is DATABASE_URL right?`);
  return open(file, assertSchemaUsable, 'at once');
}

async function open(
  file: string,
  withSchema: (db: Kysely<Schema>) => Promise<void>,
  durability: Durability,
): Promise<SqliteDatabase> {
  usable(file, () => assertOwnWal(file));
  const sqlite = openFile(file);
  const held = holdOpen(file);
  try {
    const placed = new PlacedFile(file);
    assertSqliteVersion(sqlite);
    usable(file, () => setPragmas(sqlite));
    const dialect = new SqliteQueueDialect(sqlite);
    const kysely = new Kysely<Schema>({ dialect });
    await withSchema(kysely).catch((error) => {
      throw isStorageFailure(error) ? explained(file, error) : error;
    });
    // Its queries have made them.
    placed.hasCompanions();
    const commitListeners = new Set<CommitListener>();
    const commitNotifier = new CommitNotifier(file);
    const assertInPlace = () => {
      if (!placed.isInPlace()) throw unavailable();
    };
    const lateSync = durability === 'soon' ? new LateSync(sqlite, file) : undefined;
    const upkeep = new SqliteUpkeep(sqlite, file, placed);
    const transactions = new SqliteTransactions(kysely, { runNow: dialect.runNow, isBusy, assertInPlace });
    const groupCommit = new GroupCommit(transactions, (durationMs, works) => {
      commitNotifier.notify();
      lateSync?.committed();
      for (const listener of commitListeners) listener(durationMs, works);
    });
    const write: Database['write'] = (work) => groupCommit.write(work);
    const selectDataVersion = sqlite.prepare('pragma data_version').pluck();
    const dataVersion = () => selectDataVersion.get();
    const accessVersion = sqlite.prepare<[], number>('select version from access_version').pluck();
    return {
      kysely,
      file,
      name: file,
      notes: file,
      clock: systemClock,
      upkeep,
      gauges: fileGauges(file),
      acceptedIsOn: async () => 'disk',
      write,
      writeBeside: write,
      onCommit(listener) {
        commitListeners.add(listener);
        return { [Symbol.dispose]: () => void commitListeners.delete(listener) };
      },
      onChange: (listener) => watchForChanges({ file, dataVersion }, listener),
      dataVersion,
      async accessVersion() {
        const version = accessVersion.get();
        if (version === undefined) throw new Error('The database has no access version.');
        return version;
      },
      async close() {
        await groupCommit.idle();
        await lateSync?.close();
        commitNotifier[Symbol.dispose]();
        upkeep[Symbol.dispose]();
        await kysely.destroy();
        held[Symbol.dispose]();
      },
    };
  } catch (error) {
    sqlite.close();
    held[Symbol.dispose]();
    throw error;
  }
}

function openFile(file: string): BetterSqlite3.Database {
  return usable(file, () => {
    makeDirectory(dirname(file), 0o700);
    refuseForeign(file);
    return new BetterSqlite3(file);
  });
}

/** Replaces an error of SQLite or the system, which names only itself, by one that says what to do. */
function usable<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    throw explained(file, cause);
  }
}

/** A full disk is no SetupError: when there is room, the next start succeeds. */
function explained(file: string, cause: unknown): unknown {
  const why = whyUnusable(file);
  if (isBusy(cause) || (cause instanceof SetupError && why === undefined)) return cause;
  const sentence = `The database ${file} cannot be opened: ${why ?? `${errorText(cause)}.`}`;
  if (why === undefined && isDiskFailure(cause)) return new Error(`${sentence} Make room.`, { cause });
  return new SetupError(sentence, { cause });
}

function assertSqliteVersion(sqlite: BetterSqlite3.Database): void {
  const version = String(sqlite.prepare('select sqlite_version()').pluck().get());
  const parts = version.split('.').map(Number);
  const difference = OLDEST_SQLITE.map((oldest, i) => (parts[i] ?? 0) - oldest).find((d) => d !== 0) ?? 0;
  if (difference < 0) {
    throw new Error(
      `SQLite ${version} can corrupt a shared database; ${OLDEST_SQLITE.join('.')} or newer is needed.`,
    );
  }
}

function setPragmas(sqlite: BetterSqlite3.Database): void {
  sqlite.pragma(`page_size = ${PAGE_SIZE}`);
  for (const [name, value, readBack] of PRAGMAS) setPragma(sqlite, name, value, readBack);
}
