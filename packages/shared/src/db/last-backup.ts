import { chmodSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isoTime } from '../clock.ts';

const OWNER_ONLY = 0o600;

/** The file beside a database that says when the last good backup of it was made. */
export function lastBackupFileOf(databaseFile: string): string {
  return `${databaseFile}-backed-up`;
}

/** Notes, for metrics and the doctor, that a good backup was made at a time (ms). @throws Error where it cannot be written. */
export function noteBackup(databaseFile: string, at: number): void {
  const file = lastBackupFileOf(databaseFile);
  writeFileSync(file, `${isoTime(at)}\n`, { mode: OWNER_ONLY });
  chmodSync(file, OWNER_ONLY);
}

/** When the last good backup was made (ms); undefined when none is known of. */
export async function lastBackupAt(databaseFile: string): Promise<number | undefined> {
  const text = await readFile(lastBackupFileOf(databaseFile), 'utf8').catch(() => '');
  const at = Date.parse(text.trim());
  return Number.isNaN(at) ? undefined : at;
}
