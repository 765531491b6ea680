import { leaveNote, readNote } from '../process/note-beside.ts';
import type { LogOutput } from './log-output.ts';

/** How often (ms) to look whether lines were lost. */
const LOOK_EVERY_MS = 10_000;

/** The file beside a database that says when a process last lost lines of its log. */
function fileOf(databaseFile: string): string {
  return `${databaseFile}-log-lost`;
}

/** Writes down, for the doctor, when this process loses lines of its log. */
export function noteLostLines(
  databaseFile: string,
  name: string,
  output: Pick<LogOutput, 'lost'>,
): Disposable {
  let noted = 0;
  const look = () => {
    const { lost } = output;
    if (lost !== noted && leaveNote(fileOf(databaseFile), name, lost)) noted = lost;
  };
  const timer = setInterval(look, LOOK_EVERY_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export interface LostLines {
  /** When lines were last lost (ms). */
  at: number;
  /** `api` or `worker`. */
  process: string;
  /** Since that process began. */
  lines: number;
}

/** What {@link noteLostLines} last wrote; undefined when no line was ever lost. */
export function lastLostLines(databaseFile: string): LostLines | undefined {
  const note = readNote(fileOf(databaseFile));
  if (note === undefined) return undefined;
  const [process = '', lines = ''] = note.words;
  return { at: note.at, process, lines: Number(lines) };
}
