import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  globSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@mahilo/shared/clock';
import { errorText } from '@mahilo/shared/errors';
import { makeDirectory } from '@mahilo/shared/make-directory';
import { syncDirectoryOf } from './database/verified-copy.ts';
import { bytes } from './format.ts';

const OWNER_ONLY_FILE = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const DAY_MS = 86_400_000;
/** A backup that was killed has left an unfinished file when nobody has written to it for so long (ms). */
const ABANDONED_AFTER_MS = DAY_MS;
const NAME = /^mahilo-(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})\.db$/;
/** What a copy may need beyond its expected size. */
const MARGIN = 1.05;

/** What stands in the place of `backup` and `restore`. */
export const OF_POSTGRES =
  '`pg_dump` and `pg_restore`, or what your provider has, make backups and bring them back: docs/backups.md, "PostgreSQL".';

/** A time (ms) for the name of a file, in UTC: 20260127-235959. */
export function stamp(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
}

/** @throws Error when a directory has no room for so many bytes. */
export function assertDiskSpace(directory: string, needed: number, what: string): void {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  if (free >= needed * MARGIN) return;
  throw new Error(
    `${what} takes up to ${bytes(needed)}, and ${directory} has room for ${bytes(free)}: make room, or choose another place.`,
  );
}

export interface ReservedFile {
  /** Where the backup is made. */
  partial: string;
  /** Gives the backup its final name. @returns the name. */
  finish(): string;
  /** Removes the unfinished file. */
  discard(): void;
}

/**
 * Reserves a name that no other backup has or will take, however many run at once. Only the owner can read the file.
 */
export async function reserveBackup(directory: string): Promise<ReservedFile> {
  prepareDirectory(directory);
  for (;;) {
    const file = join(directory, `mahilo-${stamp(systemClock.now())}.db`);
    const partial = `${file}.partial`;
    const discard = () => rmSync(partial, { force: true });
    if (isReserved(partial)) {
      if (!existsSync(file)) {
        const finish = () => {
          renameSync(partial, file);
          syncDirectoryOf(file);
          return file;
        };
        return { partial, finish, discard };
      }
      discard();
    }
    // Each name stands for one second.
    await sleep(1000 - (systemClock.now() % 1000));
  }
}

/** @throws Error with a sentence when no backup can be put there. */
function prepareDirectory(directory: string): void {
  try {
    makeDirectory(directory, OWNER_ONLY_DIRECTORY);
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `No backup can be put into ${directory} (${errorText(cause)}): give a directory that user ${process.getuid?.() ?? 'unknown'} may write to, or one that can be made.`,
      { cause },
    );
  }
}

function isReserved(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', OWNER_ONLY_FILE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Deletes backups that are older than so many days, and what killed backups have left. Considers only regular files
 * with the names of backups, and takes their age from the name. Call it after a backup, which it never deletes.
 * @returns the names of the deleted backups.
 */
export function deleteOldBackups(directory: string, keepDays: number, newest: string): string[] {
  const now = systemClock.now();
  const old = globSync('mahilo-*.db', { cwd: directory })
    .filter((name) => timeOf(name) < now - keepDays * DAY_MS && join(directory, name) !== newest)
    .filter((name) => lstatSync(join(directory, name)).isFile())
    .sort();
  for (const name of old) rmSync(join(directory, name), { force: true });
  return old;
}

/** Removes what backups that were killed have left behind. */
export function deleteAbandoned(directory: string): void {
  const before = systemClock.now() - ABANDONED_AFTER_MS;
  for (const name of globSync('mahilo-*.db.partial', { cwd: directory })) {
    const file = join(directory, name);
    if (NAME.test(name.replace(/\.partial$/, '')) && lstatSync(file).mtimeMs < before)
      rmSync(file, { force: true });
  }
}

/** When a backup was made (ms), by its name; infinity for any other file. */
function timeOf(name: string): number {
  const found = NAME.exec(name);
  if (found === null) return Number.POSITIVE_INFINITY;
  const [year = 0, month = 0, ...rest] = found.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}
