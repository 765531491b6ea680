import { existsSync, readFileSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { Kysely, type Transaction } from 'kysely';
import type { Schema } from '../src/db/schema.ts';
import { SqliteQueueDialect } from '../src/db/sqlite/dialect.ts';

const PAGE_BYTES = 4096;
const IO = '/proc/self/io';

/** Linux counts what a process reads. */
export const CAN_COUNT_READS = existsSync(IO);

/**
 * How many database pages `work` reads: SQLite's work by the kernel's count, not by a clock. What it changes
 * is undone. Nothing else of this process may read meanwhile.
 */
export async function pageReads(
  file: string,
  work: (trx: Transaction<Schema>) => Promise<unknown>,
): Promise<number> {
  const sqlite = new BetterSqlite3(file);
  // All pages are in the database file, and almost none in memory: each access is a read.
  sqlite.pragma('wal_checkpoint(truncate)');
  sqlite.pragma('cache_size = 1');
  const db = new Kysely<Schema>({ dialect: new SqliteQueueDialect(sqlite) });
  const trx = await db.startTransaction().execute();
  try {
    const before = bytesRead();
    await work(trx);
    return Math.floor((bytesRead() - before) / PAGE_BYTES);
  } finally {
    await trx.rollback().execute();
    await db.destroy();
  }
}

function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(IO, 'utf8'))?.[1]);
}
