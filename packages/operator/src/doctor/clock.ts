import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/open';
import { span } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';
import { newestTimes } from './health-queries.ts';

const { ok, problem } = findingsOf('clock');

/** Two processes of one host read the same clock, so this (ms) only allows for rounding. */
const TOLERANCE_MS = 1000;
/** The product did not exist before. */
const EARLIEST = Date.UTC(2026, 0);

/**
 * Whether the clock can be right: not earlier than this product, and not earlier than the newest times in the
 * database.
 */
export async function examineClock(db: Database | undefined): Promise<Finding[]> {
  const now = systemClock.now();
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
