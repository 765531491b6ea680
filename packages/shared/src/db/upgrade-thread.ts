import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { errorText } from '../errors.ts';
import { sqliteCode } from './busy.ts';
import { migrations } from './migrations.ts';
import { checkpoint } from './sqlite/checkpoint.ts';
import { SqliteQueueDialect } from './sqlite/dialect.ts';
import { setPragma } from './sqlite/pragma.ts';
import { type UpgradeSize, upgradeSize } from './upgrade-size.ts';

// Runs in its own thread: SQLite blocks it until the upgrade is done.

/** What the thread is given. */
export interface UpgradeTask {
  file: string;
  /** The names of the migrations that have not run. */
  pending: readonly string[];
  /** Bytes on its disk. */
  free: number;
}

/** What the thread says: a migration has begun, all are done, or why none has run. */
export type UpgradeNews =
  | { kind: 'begun'; migration: string; number: number; of: number; expectedBytes: number }
  | { kind: 'done' }
  | { kind: 'failed'; message: string; code: string };

const PRAGMAS = [
  ['synchronous', 'full', 2],
  ['foreign_keys', 'on', 1],
  // What it sorts for an index goes to a file, however large it is; with the cache below it is quick all the same.
  ['temp_store', 'file', 1],
  // In KiB. SQLite also sorts so much at once.
  ['cache_size', -32_768, -32_768],
  ['journal_size_limit', 0, 0],
] as const;

const { file, pending, free } = workerData as UpgradeTask;
const say = (news: UpgradeNews) => parentPort?.postMessage(news);
try {
  await upgrade();
  say({ kind: 'done' });
} catch (error) {
  say({ kind: 'failed', message: errorText(error), code: sqliteCode(error) });
}

async function upgrade(): Promise<void> {
  const sqlite = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 });
  const db = new Kysely<unknown>({ dialect: new SqliteQueueDialect(sqlite) });
  try {
    for (const [name, value, readBack] of PRAGMAS) setPragma(sqlite, name, value, readBack);
    const provider = { getMigrations: async () => announced(sqlite) };
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error !== undefined) throw error;
    // Otherwise the next commit would do it, and somebody would wait for that.
    checkpoint(sqlite, 'truncate');
  } finally {
    await db.destroy();
  }
}

/** The migrations; each says that it begins. The first one runs only if there is room for all that are pending. */
function announced(sqlite: BetterSqlite3.Database): Record<string, Migration> {
  let size: UpgradeSize | undefined;
  const announce = (migration: string) => {
    const begun = {
      kind: 'begun',
      migration,
      number: pending.indexOf(migration) + 1,
      of: pending.length,
    } as const;
    // To count the rows of a large file takes a while, and others wait for the lock only where they see why.
    if (size === undefined) say({ ...begun, expectedBytes: Number.POSITIVE_INFINITY });
    size ??= enoughRoom(upgradeSize(sqlite, pending));
    say({ ...begun, expectedBytes: size.written });
  };
  return Object.fromEntries(
    Object.entries(migrations).map(([name, migration]) => [
      name,
      {
        async up(db) {
          announce(name);
          await migration.up(db);
        },
      },
    ]),
  );
}

/** @throws Error, and no SetupError: when there is room, the next start succeeds. */
function enoughRoom(size: UpgradeSize): UpgradeSize {
  if (size.needed <= free) return size;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;
  throw new Error(
    `The upgrade of the database ${file} needs ${megabytes(size.needed)} of free disk, and there are ${megabytes(free)} in ${dirname(file)}. Make room and start again; nothing was changed.`,
  );
}
