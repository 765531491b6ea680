import { existsSync } from 'node:fs';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import { lastBackupAt } from '@mahilo/shared/db/sqlite/last-backup';
import { span } from '../format.ts';
import { type Finding, findingsOf, type Patient } from './finding.ts';

const { ok, note, problem } = findingsOf('backups');

/** A nightly backup older than this (ms) means that one was missed. */
const LATE_MS = 36 * 3_600_000;

/** Whether backups are made. Knows only those of the tool `backup`. */
export async function examineBackups({ database }: Patient): Promise<Finding[]> {
  if (!existsSync(database)) return [];
  const at = await lastBackupAt(database);
  if (at === undefined) {
    return [
      note(
        'No backup was ever made.',
        'Make one every night with `backup`: docs/backups.md says how, and where to.',
      ),
    ];
  }
  const age = systemClock.now() - at;
  if (age <= LATE_MS) return [ok(`The last one was made at ${isoTime(at)}.`)];
  return [
    problem(
      `The last good one is ${span(age)} old.`,
      'What makes them every night (mahilo-backup.timer, cron) does not run, or fails: `systemctl status mahilo-backup` or the mail of cron says why. `backup` makes one now.',
    ),
  ];
}
