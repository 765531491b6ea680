import type { Schema } from '@mahilo/shared/db/schema';
import type { EventRow } from '@mahilo/shared/events/tail';
import { latestUserEvents, oldestEventId } from '@mahilo/shared/events/tail';
import { MAX_OWED } from '@mahilo/shared/subscriptions/owe';
import type { Kysely } from 'kysely';

export interface Replay {
  /** The user's events to begin with, oldest first. */
  events: EventRow[];
  /** Some after the cursor are not among them. */
  isTruncated: boolean;
}

/**
 * The user's events after a client's cursor: no more than may be owed at once, the newest of them.
 * @param cursor undefined: none.
 * @param newest the last event of the log.
 * @param maxAgeMs none that happened longer ago.
 */
export async function replayFor(
  db: Kysely<Schema>,
  userId: string,
  { cursor, maxAgeMs }: { cursor: number | undefined; maxAgeMs: number | undefined },
  newest: number,
  now: number,
): Promise<Replay> {
  if (cursor === undefined) return { events: [], isTruncated: false };
  // From a log that was restored from a backup meanwhile.
  if (cursor > newest) return { events: [], isTruncated: true };
  const { rows, isComplete } = await latestUserEvents(db, userId, cursor, MAX_OWED);
  const young = rows.filter(({ created_at }) => maxAgeMs === undefined || created_at >= now - maxAgeMs);
  const isPruned = cursor + 1 < ((await oldestEventId(db)) ?? 0);
  return {
    events: young.toReversed(),
    isTruncated: isPruned || !isComplete || young.length < rows.length,
  };
}
