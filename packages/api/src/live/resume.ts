import type { User } from '@mahilo/shared/accounts/users';
import { type Clock, isoTime } from '@mahilo/shared/clock';
import type { DatabaseReader } from '@mahilo/shared/db/database';
import { newestEventId, oldestEventId } from '@mahilo/shared/events/tail';
import type { LiveEvent } from './live-event.ts';

/**
 * The first event of a stream. Its id is the stream's start, so that a client that loses the stream at once can
 * continue from there. `events_lost`: some events that the client asked for are missing, because retention has
 * deleted them, or because the id is not of this log (a backup was restored).
 */
export async function connectionEvent(
  { db, clock }: { db: DatabaseReader; clock: Clock },
  { user, after }: { user: User; after: number | undefined },
): Promise<LiveEvent> {
  const newest = await newestEventId(db.kysely);
  const asked = after ?? newest;
  const begin = Math.min(Math.max(asked, await lastDeletedId(db)), newest);
  return {
    id: begin,
    type: 'connection',
    timestamp: isoTime(clock.now()),
    data: {
      username: user.username,
      resumed_after: after === undefined ? undefined : String(after),
      events_lost: begin !== asked,
    },
  };
}

/** Whether retention still has all events after `position`. */
export async function isStillKept(db: DatabaseReader, position: number): Promise<boolean> {
  return (await lastDeletedId(db)) <= position;
}

/** The oldest events are deleted first, and the newest never is. */
async function lastDeletedId(db: DatabaseReader): Promise<number> {
  return ((await oldestEventId(db.kysely)) ?? 1) - 1;
}
