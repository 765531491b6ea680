import { stat } from 'node:fs/promises';

/**
 * Size (bytes) of the WAL beside a database file; 0 when there is none. `stat` opens nothing, so SQLite's locks stay
 * (sqlite.org/howtocorrupt.html §2.2).
 */
export async function walBytes(databaseFile: string): Promise<number> {
  return stat(`${databaseFile}-wal`).then(
    ({ size }) => size,
    () => 0,
  );
}
