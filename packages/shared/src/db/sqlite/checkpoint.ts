import type BetterSqlite3 from 'better-sqlite3';

interface Result {
  busy: number;
  /** Frames in the WAL, and how many of them are in the database file. */
  log: number;
  checkpointed: number;
}

/**
 * Writes the WAL into the database file, as far as nobody prevents it, without waiting for others.
 * @returns whether all of it is there now: another connection's checkpoint or reader can be in the way.
 */
export function checkpoint(sqlite: BetterSqlite3.Database, mode: 'passive' | 'truncate'): boolean {
  const [result] = sqlite.pragma(`wal_checkpoint(${mode})`) as Result[];
  return result !== undefined && result.busy === 0 && result.log === result.checkpointed;
}
