import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { isBusy } from '@mahilo/shared/db/busy';
import BetterSqlite3 from 'better-sqlite3';

/** sqlite.org/fileformat.html, 1.3.1 */
const MAGIC = Buffer.from('SQLite format 3\0');

/** A database that no other process has open or can open until it is released. */
export interface HeldDatabase {
  /** To read it by; nothing else can while it is held. */
  readonly sqlite: BetterSqlite3.Database;
  /** When a worker last reported that it is alive (ms); undefined: all have stopped, or it cannot be read. */
  lastHeartbeat(): number | undefined;
  /**
   * Writes the WAL into the database file, so that the file alone is the whole database. Does nothing to a damaged
   * one.
   */
  fold(): void;
  release(): void;
}

/**
 * Locks a database for this process alone. Every process that has a WAL database open holds a shared lock on its
 * file, even when it is idle, so this succeeds only when there is none on this host, in any container.
 * @returns undefined when another process has it open.
 * @throws Error when it is too damaged to lock; then it is left unchanged.
 */
export function holdDatabase(file: string): HeldDatabase | undefined {
  // SQLite would think that a WAL beside such a file is useless, and delete it.
  if (!beginsLikeDatabase(file)) throw new Error('it does not begin as a database does');
  const sqlite = new BetterSqlite3(file, { fileMustExist: true, timeout: 0 });
  try {
    sqlite.pragma('locking_mode = exclusive');
    // In this mode the lock outlives the transaction.
    sqlite.exec('begin exclusive; commit');
  } catch (error) {
    sqlite.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    sqlite,
    lastHeartbeat() {
      return unlessDamaged(() => {
        const at = sqlite.prepare('select max(heartbeat_at) from workers').pluck().get();
        return typeof at === 'number' ? at : undefined;
      });
    },
    fold() {
      unlessDamaged(() => {
        sqlite.pragma('journal_mode = delete');
        // In this mode SQLite leaves the file behind. Nobody else can use it while the lock is held.
        rmSync(`${file}-shm`, { force: true });
      });
    },
    release() {
      sqlite.close();
    },
  };
}

function unlessDamaged<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof BetterSqlite3.SqliteError) return undefined;
    throw error;
  }
}

/** Call it only while this process does not have the file open through SQLite: closing it would drop the locks. */
function beginsLikeDatabase(file: string): boolean {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(MAGIC.length);
    // A new database is empty.
    return readSync(descriptor, start) === 0 || start.equals(MAGIC);
  } finally {
    closeSync(descriptor);
  }
}
