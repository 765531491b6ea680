import { readFileSync, writeFileSync } from 'node:fs';
import { isoTime, systemClock } from '../clock.ts';
import type { LogOutput } from '../observe/log-output.ts';

const OWNER_ONLY = 0o600;
/** How often (ms) to look whether lines were lost. */
const LOOK_EVERY_MS = 10_000;

/** The file beside a database that says when a process last lost lines of its log; the log itself may not be able to. */
export function lostLinesFileOf(databaseFile: string): string {
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
    if (lost === noted) return;
    try {
      const line = `${isoTime(systemClock.now())} ${name} ${lost}\n`;
      writeFileSync(lostLinesFileOf(databaseFile), line, { mode: OWNER_ONLY });
      noted = lost;
    } catch {
      // The disk is full, which the doctor sees by itself.
    }
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
  try {
    const [time = '', process = '', lines = ''] = readFileSync(lostLinesFileOf(databaseFile), 'utf8').split(
      ' ',
    );
    const at = Date.parse(time);
    return Number.isNaN(at) ? undefined : { at, process, lines: Number(lines) };
  } catch {
    return undefined;
  }
}
