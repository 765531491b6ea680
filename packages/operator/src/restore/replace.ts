import { existsSync, linkSync, renameSync } from 'node:fs';
import { type HeldDatabase, holdDatabase } from '../database/exclusive-lock.ts';
import { syncDirectoryOf } from '../database/verified-copy.ts';

/** Files beside a database that belong to it. SQLite would apply them to a database that replaces it. */
const BESIDE = ['-wal', '-shm', '-journal'] as const;

/**
 * Replaces a database by `replacement`, and keeps it as `aside` with the files that belong to it.
 * @returns the name of the old one; null when there was none.
 * @throws Error with a sentence when a process has started meanwhile.
 */
export function replaceDatabase(
  database: string,
  replacement: string,
  aside: string,
  present: HeldDatabase | undefined,
): string | null {
  // This makes the kept file complete by itself. Release it before the change: SQLite removes such files by name.
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

/** Under a second name at first, so that there is a database in its place at every moment. */
function keep(database: string, aside: string): void {
  try {
    linkSync(database, aside);
  } catch {
    // Some file systems do not support second names.
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
