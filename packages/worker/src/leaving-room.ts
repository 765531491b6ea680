import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';

type Rest = (ms: number, signal: AbortSignal) => Promise<unknown>;

const untilStop: Rest = (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined);

export interface Patience {
  clock: Pick<Clock, 'monotonicMs'>;
  /** Until when, on the monotonic clock. */
  untilMs: number;
  /** A stop ends a rest. */
  signal: AbortSignal;
  rest?: Rest;
}

/**
 * The same database for work that has time. After each write it rests for as long as that had the lock, so that others have it for
 * at least half of the time. Its patience ends: else a load that leaves behind as much as is done would keep it from ever catching up.
 */
export function leavingRoom(db: Database, { clock, untilMs, signal, rest = untilStop }: Patience): Database {
  return {
    ...db,
    async write(work) {
      let lockedAt = 0;
      const result = await db.write((trx) => {
        lockedAt = clock.monotonicMs();
        return work(trx);
      });
      const now = clock.monotonicMs();
      if (now < untilMs) await rest(now - lockedAt, signal);
      return result;
    },
  };
}
