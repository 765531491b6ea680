import { existsSync, linkSync, renameSync } from 'node:fs';
import { type HeldDatabase, holdDatabase } from '../database/exclusive-lock.ts';
import { syncDirectoryOf } from '../database/verified-copy.ts';

/** Files beside a database that belong to it. Left where they are, SQLite would apply them to the one that takes its place. */
const BESIDE = ['-wal', '-shm', '-journal'] as const;

/**
 * Puts `replacement` in the place of a database, which is kept as `aside`, with the files that belong to it.
 * @returns where the old one is; null when there was none.
 * @throws Error with a sentence when a process has started meanwhile.
 */
export function replaceDatabase(
  database: string,
  replacement: string,
  aside: string,
  present: HeldDatabase | undefined,
): string | null {
  // So that the file that is kept is whole by itself. Released before the change: SQLite removes such files by name.
  present?.fold();
  present?.release();
  for (const suffix of BESIDE) {
    if (existsSync(database + suffix)) renameSync(database + suffix, aside + suffix);
  }
  const isThere = existsSync(database);
  if (isThere) keep(database, aside);
  renameSync(replacement, database);
  syncDirectoryOf(database);
  if (present !== undefined) assertUnused(aside);
  return isThere ? aside : null;
}

/** Under a second name at first, so that there is a database in the place at every moment. */
function keep(database: string, aside: string): void {
  try {
    linkSync(database, aside);
  } catch {
    // Some file systems know no second names.
    renameSync(database, aside);
  }
}

function assertUnused(aside: string): void {
  const held = holdDatabase(aside);
  if (held === undefined) {
    throw new Error(
      `The backup is in place, but a process was started meanwhile and still uses the old database, now ${aside}: restart every process.`,
    );
  }
  held.release();
}
