import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SetupError } from '../../errors.ts';
import { makeDirectory } from '../../make-directory.ts';

const OWNER_ONLY = 0o600;
const COMPANIONS = ['-wal', '-shm'] as const;

/**
 * The database file as it was when it was opened. Somebody can delete or replace the file while processes go on with
 * the one they have open: what they then write is in no database that anybody will open again.
 */
export class PlacedFile {
  readonly #path: string;
  readonly #identity: string;
  /** Of those that SQLite keeps beside it, once they are there: while a process has the database open they stay. */
  readonly #beside = new Map<string, string>();

  /** Create it right after opening the file. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = identityOf(path) ?? '';
  }

  /** Whether the name still means the same file; true when that cannot be found out. Costs microseconds. */
  isInPlace(): boolean {
    try {
      return identityOf(this.#path) === this.#identity;
    } catch {
      return true;
    }
  }

  /**
   * Whether the files beside it that belong to it are those of before. Without them a process that starts makes new ones,
   * and the two write past each other.
   */
  hasCompanions(): boolean {
    try {
      return COMPANIONS.every((suffix) => this.#isAsKnown(suffix));
    } catch {
      return true;
    }
  }

  #isAsKnown(suffix: string): boolean {
    const found = identityOf(this.#path + suffix);
    const known = this.#beside.get(suffix);
    if (known !== undefined) return found === known;
    if (found !== undefined) this.#beside.set(suffix, found);
    return true;
  }
}

/**
 * Undefined when there is no such file. `stat` does not open it, so SQLite's locks stay (sqlite.org/howtocorrupt.html
 * §2.2).
 */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}

/** The file beside the database that says that a process has lost it. */
export function missingNoteOf(file: string): string {
  return `${file}.missing`;
}

/**
 * Leaves a note that the database is gone. Without it a supervisor would take this for a first start and begin with
 * an empty registry. Ignores failures: there may be no place left to write to.
 */
export function leaveMissingNote(file: string): void {
  try {
    makeDirectory(dirname(file), 0o700);
    writeFileSync(
      missingNoteOf(file),
      `${basename(file)} was deleted, renamed or replaced while the registry was using it. No process starts until there is a database again.
Put it back where it was, with ${basename(file)}-wal if that is here; or restore a backup (docs/backups.md).
To begin with an empty registry instead, delete this file.
`,
      { mode: OWNER_ONLY },
    );
  } catch {
    // The disk is full, or this process may not write here.
  }
}

const MOVED = /^The registry was moved to (.+)\.$/m;

/** Leaves a note that the registry is in another database now, before the file goes. `to` names it for people. */
export function leaveMovedNote(file: string, to: string): void {
  writeFileSync(
    missingNoteOf(file),
    `The registry was moved to ${to}.
No process starts while DATABASE_URL names ${basename(file)}. To begin with an empty registry here instead, delete this file.
`,
    { mode: OWNER_ONLY },
  );
}

/** @throws SetupError when a process has lost the database or it was moved, and nobody has put one in its place. */
export function refuseMissing(file: string): void {
  const note = missingNoteOf(file);
  if (!existsSync(note) || existsSync(file)) return;
  const [, movedTo] = MOVED.exec(readFileSync(note, 'utf8')) ?? [];
  if (movedTo !== undefined) {
    throw new SetupError(
      `The registry of ${file} was moved to ${movedTo}: DATABASE_URL must name that; to begin with an empty registry here instead, delete ${note}.`,
    );
  }
  throw new SetupError(
    `The database ${file} is gone, although it was in use: put it back, or restore a backup (docs/backups.md); to begin with an empty registry, delete ${note}.`,
  );
}

/** Removes the note, since there is a database again. */
export function removeMissingNote(file: string): void {
  try {
    rmSync(missingNoteOf(file), { force: true });
  } catch {
    // While there is a database, the note does no harm.
  }
}
