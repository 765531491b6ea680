import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SetupError } from '../errors.ts';

const OWNER_ONLY = 0o600;

/**
 * The database file as it was when it was opened. A name can be taken away, or be given to another file, while processes
 * go on with the file they have: what they write then is in no database that anybody will open again.
 */
export class PlacedFile {
  readonly #path: string;
  readonly #identity: string;

  /** To be made right after the file was opened. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path) ?? '';
  }

  /** Whether the name still means the same file. Costs microseconds; where nobody can tell, it does. */
  isInPlace(): boolean {
    try {
      return identityOf(this.#path) === this.#identity;
    } catch {
      return true;
    }
  }
}

/** Undefined when there is no such file. `stat` opens nothing, so SQLite's locks stay (sqlite.org/howtocorrupt.html §2.2). */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/** Beside the database: says that a process has lost it. */
export function missingNoteOf(file: string): string {
  return `${file}.missing`;
}

/**
 * Leaves a note that the database is gone, so that no process takes its absence for a first start: a supervisor would
 * start an empty registry. Does its best: there may be no place left to write to.
 */
export function leaveMissingNote(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(
      missingNoteOf(file),
      `${basename(file)} was deleted, renamed or replaced while the registry was using it. No process starts until there is a database again.
Put it back where it was, with ${basename(file)}-wal if that is here; or restore a backup (docs/backups.md).
To begin with an empty registry instead, delete this file.
`,
      { mode: OWNER_ONLY },
    );
  } catch {
    // A full disk, or no right to write here.
  }
}

/** @throws SetupError when a process has lost the database, and nobody has put one in its place. */
export function refuseMissing(file: string): void {
  const note = missingNoteOf(file);
  if (!existsSync(note) || existsSync(file)) return;
  throw new SetupError(
    `The database ${file} is gone, although it was in use: put it back, or restore a backup (docs/backups.md); to begin with an empty registry, delete ${note}.`,
  );
}

/** There is a database again. */
export function removeMissingNote(file: string): void {
  try {
    rmSync(missingNoteOf(file), { force: true });
  } catch {
    // It says nothing wrong while there is a database.
  }
}
