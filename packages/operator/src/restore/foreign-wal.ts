import { existsSync, renameSync, rmSync } from 'node:fs';
import { assertOwnWal } from '@mahilo/shared/db/sqlite/wal-owner';
import { SetupError } from '@mahilo/shared/errors';

const SUFFIXES = ['-wal', '-shm'] as const;
const ASIDE = '.of-another-file';

/** What lay beside a database and belongs to another file. */
export interface ForeignWal {
  putBack(): void;
  remove(): void;
}

/**
 * Moves away the WAL that a crash has left beside a database which was copied over since: SQLite would replay it into the
 * copy. Undefined when the WAL is the database's own, or there is none.
 */
export function setAsideForeignWal(database: string): ForeignWal | undefined {
  try {
    assertOwnWal(database);
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
  }
  const moved = SUFFIXES.map((suffix) => database + suffix).filter((file) => existsSync(file));
  for (const file of moved) renameSync(file, file + ASIDE);
  return {
    putBack() {
      for (const file of moved) renameSync(file + ASIDE, file);
    },
    remove() {
      for (const file of moved) rmSync(file + ASIDE, { force: true });
    },
  };
}
