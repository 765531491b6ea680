import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { count, span } from '../format.ts';
import { answer, progress, table } from '../output.ts';
import { COUNTED_AT_MOST, type Destination, destinationIds, findDestination } from './queries.ts';

/** Most agents to examine in one run. */
const MAX_DESTINATIONS = 10_000;

export interface ListFilter {
  limit: number;
  username: string | undefined;
}

/** Prints what is owed to whom. @returns the exit code. */
export async function listDestinations(
  db: Database['kysely'],
  filter: ListFilter,
  asJson: boolean,
): Promise<number> {
  const ids = await destinationIds(db, ['pending', 'leased', 'failed'], MAX_DESTINATIONS);
  const all: Destination[] = [];
  const say = progress();
  // One statement for each: that holds no snapshot for long, so the WAL can be written back meanwhile.
  for (const [index, id] of ids.entries()) {
    say(() => `${index} of ${ids.length} agents looked at …`);
    const found = await findDestination(db, id);
    if (found !== undefined && (filter.username ?? found.username) === found.username) all.push(found);
  }
  all.sort((a, b) => b.waiting + b.in_flight - a.waiting - a.in_flight || b.dead_letters - a.dead_letters);
  const shown = all.slice(0, filter.limit);
  const now = systemClock.now();
  answer(
    asJson,
    { ...totals(all), is_complete: ids.length < MAX_DESTINATIONS, destinations: shown.map(json) },
    () =>
      [
        summary(all, ids.length < MAX_DESTINATIONS),
        ...(shown.length > 0 ? ['', destinationTable(shown, now)] : []),
        ...(shown.length < all.length
          ? ['', `${all.length - shown.length} more: --limit ${all.length}`]
          : []),
      ].join('\n'),
  );
  return 0;
}

export function destinationTable(destinations: readonly Destination[], now: number): string {
  return table(
    ['Connection', 'User', 'Agent', 'Waiting', 'In flight', 'Dead', 'First due', 'State'],
    destinations.map((row) => [
      row.connection_id,
      row.username,
      `${row.framework}/${row.label}`,
      capped(row.waiting),
      row.in_flight,
      capped(row.dead_letters),
      dueText(row.first_due_at, now),
      stateOf(row, now),
    ]),
  );
}

/** What a worker does with the lane, in words. */
function stateOf(row: Destination, now: number): string {
  if (row.user_disabled_at !== null) return 'held: the user is disabled';
  if (row.status !== 'active') return row.status === 'suspended' ? 'held: suspended' : row.status;
  if (row.mode === 'polling') return 'the agent polls';
  if (row.failing_since === null || row.failures === 0) return 'healthy';
  const failing = `${count(row.failures, 'failure')}, failing for ${span(now - row.failing_since)}`;
  return row.paused_until > now ? `${failing}, next try in ${span(row.paused_until - now)}` : failing;
}

function dueText(at: number | null, now: number): string {
  if (at === null) return '';
  return at <= now ? `${span(now - at)} ago` : `in ${span(at - now)}`;
}

function capped(n: number): string | number {
  return n >= COUNTED_AT_MOST ? `${n}+` : n;
}

function totals(all: readonly Destination[]) {
  const sum = (of: 'waiting' | 'in_flight' | 'dead_letters') =>
    all.reduce((total, row) => total + row[of], 0);
  return { waiting: sum('waiting'), in_flight: sum('in_flight'), dead_letters: sum('dead_letters') };
}

function summary(all: readonly Destination[], isComplete: boolean): string {
  if (all.length === 0) return 'Nothing is owed to anybody, and there are no dead letters.';
  const { waiting, in_flight, dead_letters } = totals(all);
  const atLeast = isComplete && all.every((row) => Math.max(row.waiting, row.dead_letters) < COUNTED_AT_MOST);
  const sentence = `${waiting} waiting, ${in_flight} in flight, ${dead_letters} dead letters, for ${count(all.length, 'agent')}.`;
  return atLeast ? sentence : `At least ${sentence}`;
}

/** Times as everywhere in JSON. */
export function json({
  first_due_at,
  failing_since,
  paused_until,
  last_seen,
  user_disabled_at,
  ...row
}: Destination) {
  const time = (ms: number | null) => (ms === null || ms === 0 ? null : isoTime(ms));
  return {
    ...row,
    user_disabled_at: time(user_disabled_at),
    first_due_at: time(first_due_at),
    failing_since: time(failing_since),
    paused_until: time(paused_until),
    last_seen: time(last_seen),
  };
}
