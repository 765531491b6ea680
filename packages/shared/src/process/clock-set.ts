import { leaveNote, readNote } from './note-beside.ts';

/** The file beside a database that says when a worker last saw that the wall clock was set. */
function fileOf(databaseFile: string): string {
  return `${databaseFile}-clock-set`;
}

/** Writes down, for the doctor, that the wall clock was set by so much (ms). */
export function noteClockSet(databaseFile: string, byMs: number): void {
  leaveNote(fileOf(databaseFile), Math.round(byMs));
}

/** When the wall clock was last set, by itself, and by how much (ms); undefined: never. */
export function lastClockSet(databaseFile: string): { at: number; byMs: number } | undefined {
  const note = readNote(fileOf(databaseFile));
  return note && { at: note.at, byMs: Number(note.words[0]) };
}
