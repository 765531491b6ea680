import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { lastClockSet } from '@mahilo/shared/process/clock-set';
import { span } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';
import { newestTimes } from './health-queries.ts';

const { ok, note, problem } = findingsOf('clock');

/** Two processes of one host read the same clock, so this (ms) only allows for rounding. */
const TOLERANCE_MS = 1000;
/** For so long (ms) a jump may still be in the way, and for so long it is worth knowing. */
const FRESH_MS = 3_600_000;
const RECENT_MS = 86_400_000;
/** The product did not exist before. */
const EARLIEST = Date.UTC(2026, 0);

/**
 * Whether the clock can be right: not earlier than this product, not earlier than the newest times in the database, and
 * not set a moment ago.
 */
export async function examineClock(db: Database | undefined, notes: string): Promise<Finding[]> {
  const now = systemClock.now();
  return [...(await present(db, now)), ...wasSet(notes, now)];
}

/** Whether a worker has seen it jump in the last day. */
function wasSet(notes: string, now: number): Finding[] {
  const set = lastClockSet(notes);
  const ago = Math.abs(now - (set?.at ?? Number.NEGATIVE_INFINITY));
  if (set === undefined || ago > RECENT_MS) return [];
  const sentence = `It was set ${set.byMs > 0 ? 'ahead' : 'back'} by ${span(Math.abs(set.byMs))}, ${span(ago)} ago.`;
  const advice =
    'Find out who sets it, and keep it right with NTP. A worker prunes and suspends again when it has agreed for ten minutes.';
  return [ago > FRESH_MS ? note(sentence, advice) : problem(sentence, advice)];
}

async function present(db: Database | undefined, now: number): Promise<Finding[]> {
  if (now < EARLIEST)
    return [
      problem(`It says ${isoTime(now)}.`, 'Set it, and keep it right with NTP (timedatectl set-ntp true).'),
    ];
  const times = db === undefined ? {} : await newestTimes(db.kysely);
  const [latest] = Object.entries(times)
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .sort(([, a], [, b]) => b - a);
  if (latest === undefined || latest[1] <= now + TOLERANCE_MS) return [ok(`It says ${isoTime(now)}.`)];
  return [
    problem(
      `It says ${isoTime(now)}, but the newest ${latest[0]} is of ${span(latest[1] - now)} later.`,
      'It was set back. What is due then waits until it has caught up, and agents refuse signatures of a wrong time. Keep it right with NTP.',
    ),
  ];
}
