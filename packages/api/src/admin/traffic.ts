import type { Schema } from '@mahilo/shared/db/schema';
import { type MinuteRow, minutesBetween } from '@mahilo/shared/stats/minutes';
import type { Kysely } from 'kysely';
import { type NextPiece, OPERATORS, walks } from '../http/walks.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Rows read at once: a few milliseconds, in which the process does nothing else. */
const PIECE = 2000;

/** How far back, and in what steps (ms). */
export const RANGES = {
  '1h': { lengthMs: HOUR_MS, stepMs: MINUTE_MS },
  '24h': { lengthMs: 24 * HOUR_MS, stepMs: 15 * MINUTE_MS },
  '7d': { lengthMs: 168 * HOUR_MS, stepMs: 2 * HOUR_MS },
  '30d': { lengthMs: 720 * HOUR_MS, stepMs: 8 * HOUR_MS },
} as const;

export type Range = keyof typeof RANGES;

const COUNTS = [
  'accepted',
  'delivered',
  'failed',
  'attempts',
  'requests',
  'unauthorized',
  'limited',
  'errors',
] as const;
const PARTS = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

type Part = keyof typeof PARTS;
type Histogram = Map<number, number>;

/** What all processes have counted in one step, which begins at `at` (ms). */
export interface Step extends Record<(typeof COUNTS)[number], number> {
  at: number;
  /** From accepted to the first attempt, and how long callbacks took, in ms; undefined when there was none. */
  wait: Record<Part, number> | undefined;
  callback: Record<Part, number> | undefined;
}

interface Sum extends Omit<Step, 'wait' | 'callback'> {
  waits: Histogram;
  callbacks: Histogram;
}

/** The steps of a range up to a time (ms), the oldest first; also those in which nothing was counted. */
export function trafficOf(db: Kysely<Schema>, range: Range, now: number): Promise<Step[]> {
  return walks.walk(OPERATORS, (nextPiece) => inPieces(db, range, now, nextPiece));
}

async function inPieces(
  db: Kysely<Schema>,
  range: Range,
  now: number,
  nextPiece: NextPiece,
): Promise<Step[]> {
  const { lengthMs, stepMs } = RANGES[range];
  const end = Math.ceil(now / stepMs) * stepMs;
  const sums = Array.from({ length: lengthMs / stepMs }, (_, n) => emptySum(end - lengthMs + n * stepMs));
  let from = end - lengthMs;
  for (;;) {
    await nextPiece();
    const rows = await minutesBetween(db, { from, to: end, limit: PIECE });
    for (const row of rows) {
      // What a minute has counted was before its end.
      const sum = sums[Math.floor((row.at - 1 - (end - lengthMs)) / stepMs)];
      if (sum !== undefined) add(sum, row);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PIECE) break;
    from = last.at;
  }
  return sums.map(({ waits, callbacks, ...counts }) => ({
    ...counts,
    wait: partsOf(waits),
    callback: partsOf(callbacks),
  }));
}

function emptySum(at: number): Sum {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<
    (typeof COUNTS)[number],
    number
  >;
  return { at, ...counts, waits: new Map(), callbacks: new Map() };
}

function add(sum: Sum, row: MinuteRow): void {
  for (const name of COUNTS) sum[name] += row[name];
  addBuckets(sum.waits, row.waits_json);
  addBuckets(sum.callbacks, row.callbacks_json);
}

function addBuckets(histogram: Histogram, json: string | null): void {
  if (json === null) return;
  for (const [bound, count] of Object.entries(JSON.parse(json) as Record<string, number>)) {
    const upTo = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    histogram.set(upTo, (histogram.get(upTo) ?? 0) + count);
  }
}

function partsOf(histogram: Histogram): Record<Part, number> | undefined {
  const buckets = [...histogram].sort(([one], [other]) => one - other);
  const all = buckets.reduce((total, [, count]) => total + count, 0);
  if (all === 0) return undefined;
  const msOf = (part: Part) => {
    let left = PARTS[part] * all;
    const [bound] = buckets.find(([, count]) => {
      left -= count;
      return left <= 0;
    }) ?? [0];
    // Longer than the last bound: by how much, nobody has counted.
    const known = Number.isFinite(bound) ? bound : (buckets.at(-2)?.[0] ?? 0);
    return Math.round(known * 1000);
  };
  return { p50: msOf('p50'), p95: msOf('p95'), p99: msOf('p99') };
}
