import { systemClock } from '@mahilo/shared/clock';
import { lastLostLines } from '@mahilo/shared/observe/lost-lines';
import { count, span } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, problem } = findingsOf('log');

/** What is longer ago (ms) is over, or it would have happened again. */
const RECENT_MS = 86_400_000;

/** Whether processes could write their logs. */
export function examineLog(notes: string): Finding[] {
  const lost = lastLostLines(notes);
  const age = lost === undefined ? Number.POSITIVE_INFINITY : systemClock.now() - lost.at;
  if (lost === undefined || age > RECENT_MS) return [ok('No line was lost in the last day.')];
  return [
    problem(
      `The ${lost.process} has lost ${count(lost.lines, 'line')} of its log, the last one ${span(age)} ago.`,
      'Where the log goes, the disk was full, or nobody read: make room, or look at what collects it (Docker, journald, a pipe). The service goes on.',
    ),
  ];
}
