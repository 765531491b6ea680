import { type Clock, systemClock } from '../clock.ts';
import { isSchemaCurrent } from './migrate.ts';
import type { Database } from './open.ts';

const PROBE = 'readiness probe';
/** That it is ready is believed for so long (ms). */
const REMEMBERED_MS = 1000;

/** True when the database takes a write and its schema is the one that this code knows. Leaves nothing behind. */
export async function isReady(db: Pick<Database, 'kysely' | 'write'>): Promise<boolean> {
  try {
    // Ends as it began, and yet writes a page and commits it, as a real write does: on a full disk it fails.
    await db.write(async (trx) => {
      await trx.insertInto('workers').values({ id: PROBE, started_at: 0, heartbeat_at: 0 }).execute();
      await trx.deleteFrom('workers').where('id', '=', PROBE).execute();
    });
    return await isSchemaCurrent(db.kysely);
  } catch {
    return false;
  }
}

/**
 * {@link isReady}, for whoever asks: anybody may, and each look costs a commit. A yes holds for a second, a no is told
 * to those who asked meanwhile.
 */
export function readinessOf(
  db: Database,
  clock: Pick<Clock, 'monotonicMs'> = systemClock,
): () => Promise<boolean> {
  let looking: Promise<boolean> | undefined;
  let readyUntil = 0;
  const look = async () => {
    const ready = await isReady(db);
    readyUntil = ready ? clock.monotonicMs() + REMEMBERED_MS : 0;
    looking = undefined;
    return ready;
  };
  return async () => {
    if (clock.monotonicMs() < readyUntil) return true;
    looking ??= look();
    return looking;
  };
}
