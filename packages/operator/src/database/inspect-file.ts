import BetterSqlite3 from 'better-sqlite3';

/** What a database file shows without its tables. */
export interface Examined {
  bytes: number;
  journalMode: string;
}

/** Inspects a database without changing it. @throws SqliteError when it cannot be read. */
export function examine(file: string): Examined {
  return looking(file, (sqlite) => {
    const pragma = (name: string) => sqlite.pragma(name, { simple: true });
    return {
      bytes: Number(pragma('page_count')) * Number(pragma('page_size')),
      journalMode: String(pragma('journal_mode')),
    };
  });
}

/** Whether a database has no table yet: a start that was cut short has left it so. */
export function isEmpty(file: string): boolean {
  return looking(file, (sqlite) => sqlite.prepare('select 1 from sqlite_schema limit 1').get() === undefined);
}

/** Reads a whole database, but does not compare indexes with tables. @returns what is wrong; undefined: nothing. */
export function quickCheck(file: string): string | undefined {
  return looking(file, (sqlite) => {
    const found = sqlite.pragma('quick_check(1)', { simple: true });
    return found === 'ok' ? undefined : String(found);
  });
}

/** Takes the write lock and releases it at once. @throws SqliteError when it cannot get it within `waitMs`. */
export function tryWriteLock(file: string, waitMs: number): void {
  const sqlite = new BetterSqlite3(file, { fileMustExist: true, timeout: waitMs });
  try {
    sqlite.exec('begin immediate; rollback');
  } finally {
    sqlite.close();
  }
}

function looking<T>(file: string, look: (sqlite: BetterSqlite3.Database) => T): T {
  const sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    return look(sqlite);
  } finally {
    sqlite.close();
  }
}
