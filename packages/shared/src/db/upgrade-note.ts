import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type Clock, systemClock } from '../clock.ts';

const OWNER_ONLY = 0o600;
/** A note that is older (ms) is of a process that was killed: it is renewed every second. */
const FRESH_MS = 30_000;

/** How far an upgrade of a database is. */
export interface UpgradeProgress {
  migration: string;
  /** Its place among those that run, from 1. */
  number: number;
  of: number;
  /** Since the first one began. */
  seconds: number;
  /** Of what is written in all; roughly. */
  percent: number;
}

/** The file beside a database in which the process that upgrades it says how far it is. */
export function upgradeNoteOf(databaseFile: string): string {
  return `${databaseFile}-upgrade`;
}

/** Writes it down for other processes and the doctor. */
export function noteUpgrade(databaseFile: string, progress: UpgradeProgress): void {
  try {
    writeFileSync(upgradeNoteOf(databaseFile), `${JSON.stringify(progress)}\n`, { mode: OWNER_ONLY });
  } catch {
    // A disk without room for this ends the upgrade by itself.
  }
}

export function removeUpgradeNote(databaseFile: string): void {
  rmSync(upgradeNoteOf(databaseFile), { force: true });
}

/** The upgrade that some process on this host is doing; undefined: none. */
export function upgradeUnderWay(
  databaseFile: string,
  clock: Pick<Clock, 'now'> = systemClock,
): UpgradeProgress | undefined {
  const note = upgradeNoteOf(databaseFile);
  try {
    if (Math.abs(clock.now() - statSync(note).mtimeMs) > FRESH_MS) return undefined;
    return JSON.parse(readFileSync(note, 'utf8')) as UpgradeProgress;
  } catch {
    // There is none, or it is just being written.
    return undefined;
  }
}

/** For a person: "migration 3 of 16 (0008-stored-bytes), for 40 s, about 35 % done". */
export function progressText({ migration, number, of, seconds, percent }: UpgradeProgress): string {
  return `migration ${number} of ${of} (${migration}), for ${seconds} s, about ${percent} % done`;
}
