import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { count, span } from '../format.ts';
import { answer, progress, table } from '../output.ts';
import { COUNTED_AT_MOST, type Destination, hostOf } from './queries.ts';
import { surveyQueue } from './survey.ts';
import { totals } from './totals.ts';

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
  const say = progress();
  const { destinations, isComplete } = await surveyQueue(db, {
    between: (lookedAt, of) => {
      if (of > 0) say(() => `${lookedAt} of ${of} agents looked at …`);
    },
  });
  const all = destinations.filter(({ username }) => (filter.username ?? username) === username);
  const shown = all.slice(0, filter.limit);
  const now = systemClock.now();
  answer(asJson, { ...totals(all), is_complete: isComplete, destinations: shown.map(json) }, () =>
    [
      summary(all, isComplete),
      ...(shown.length > 0 ? ['', destinationTable(shown, now)] : []),
      ...(shown.length < all.length ? ['', `${all.length - shown.length} more: --limit ${all.length}`] : []),
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
  if (row.held_at !== null && row.mode !== 'polling') return `held by the operator: ${row.held_reason ?? ''}`;
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

function summary(all: readonly Destination[], isComplete: boolean): string {
  if (all.length === 0) return 'Nothing is owed to anybody, and there are no dead letters.';
  const { waiting, in_flight, dead_letters } = totals(all);
  const sentence = `${waiting} waiting, ${in_flight} in flight, ${dead_letters} dead letters, for ${count(all.length, 'agent')}.`;
  return isComplete ? sentence : `At least ${sentence}`;
}

/** Times as everywhere in JSON. */
export function json({
  first_due_at,
  failing_since,
  paused_until,
  last_seen,
  user_disabled_at,
  held_at,
  callback_url,
  ...row
}: Destination) {
  const time = (ms: number | null) => (ms === null || ms === 0 ? null : isoTime(ms));
  return {
    ...row,
    host: hostOf({ callback_url }) ?? null,
    held_at: time(held_at),
    user_disabled_at: time(user_disabled_at),
    first_due_at: time(first_due_at),
    failing_since: time(failing_since),
    paused_until: time(paused_until),
    last_seen: time(last_seen),
  };
}
