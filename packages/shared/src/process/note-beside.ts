import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isoTime, systemClock } from '../clock.ts';

const OWNER_ONLY = 0o600;
const ENTERED_BY_OWNER_ONLY = 0o700;

/** Something that a process writes down beside the database for the doctor, because it cannot ask the process. */
export interface Note {
  /** When it was written (ms). */
  at: number;
  words: readonly string[];
}

/** Writes a note, in place of the one before. @returns false when it cannot be written. */
export function leaveNote(file: string, ...words: readonly (string | number)[]): boolean {
  try {
    // Who uses a server has no file there, and perhaps no directory.
    mkdirSync(dirname(file), { recursive: true, mode: ENTERED_BY_OWNER_ONLY });
    writeFileSync(file, `${isoTime(systemClock.now())} ${words.join(' ')}\n`, { mode: OWNER_ONLY });
    return true;
  } catch {
    // The disk is full, which the doctor sees by itself.
    return false;
  }
}

/** The last note; undefined when there is none. */
export function readNote(file: string): Note | undefined {
  try {
    const [time = '', ...words] = readFileSync(file, 'utf8').trim().split(' ');
    const at = Date.parse(time);
    return Number.isNaN(at) ? undefined : { at, words };
  } catch {
    return undefined;
  }
}
