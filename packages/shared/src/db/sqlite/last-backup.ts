import { chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isoTime } from '../../clock.ts';

const OWNER_ONLY = 0o600;

/** The file beside a database that records the time of its last good backup. */
export function lastBackupFileOf(databaseFile: string): string {
  return `${databaseFile}-backed-up`;
}

/** Records the time (ms) of a good backup, for metrics and the doctor. @throws Error when it cannot be written. */
export function noteBackup(databaseFile: string, at: number): void {
  const file = lastBackupFileOf(databaseFile);
  // Anew, whoever made the one before; and for the user of the processes, also when root makes the backup.
  rmSync(file, { force: true });
  writeFileSync(file, `${isoTime(at)}\n`, { mode: OWNER_ONLY });
  const { uid, gid } = statSync(databaseFile);
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
}

/** Time (ms) of the last good backup; undefined when there is no record of one. */
export async function lastBackupAt(databaseFile: string): Promise<number | undefined> {
  const text = await readFile(lastBackupFileOf(databaseFile), 'utf8').catch(() => '');
  const at = Date.parse(text.trim());
  return Number.isNaN(at) ? undefined : at;
}
