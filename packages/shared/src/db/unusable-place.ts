import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What to do about a file system that takes no writes. */
export const READ_ONLY_ADVICE =
  'The disk may have failed (dmesg says so), or it was mounted so: mount it writable, or put the database elsewhere.';

/**
 * Why a database file cannot be used, as a sentence that says what to do: a directory in its place, no directory, no
 * permission. Undefined when the place does not explain it.
 */
export function whyUnusable(file: string): string | undefined {
  const directory = dirname(file);
  if (isDirectory(file)) {
    return `${file} is a directory: DATABASE_URL must name a file, for example ${file}/mahilo.db.`;
  }
  const ancestor = nearestExisting(directory);
  if (!isDirectory(ancestor)) {
    return `${ancestor} is a file, and DATABASE_URL names something in it: give a path whose directories are directories.`;
  }
  if (ancestor !== directory) {
    return `The directory ${directory} cannot be made${mayUse(ancestor) ? '' : `: ${user()} may not write to ${ancestor}`}. Make it for that user (chown), or give another path in DATABASE_URL.`;
  }
  if (isReadOnly(directory)) return `The file system of ${directory} is read-only. ${READ_ONLY_ADVICE}`;
  for (const path of [directory, file, `${file}-wal`, `${file}-shm`]) {
    if (existsSync(path) && !mayUse(path)) {
      return `${capitalised(user())} may not read and write ${path}: chown it to that user, or run this as its owner (user ${statSync(path).uid}).`;
    }
  }
  return undefined;
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function mayUse(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | (isDirectory(path) ? constants.X_OK : 0));
    return true;
  } catch {
    return false;
  }
}

/** Whether nobody may write there, not even root: Linux mounts a disk so when it fails. */
export function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

function user(): string {
  return `user ${process.getuid?.() ?? 'unknown'}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
