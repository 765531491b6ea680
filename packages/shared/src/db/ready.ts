import { type Clock, systemClock } from '../clock.ts';
import type { Database } from './database.ts';
import { isSchemaUsable } from './schema-age.ts';

const PROBE = 'readiness probe';
/** How long (ms) a "ready" stays valid. */
const REMEMBERED_MS = 1000;

/**
 * Whether there is room (bytes), the database takes a write, and this code knows its schema. Leaves nothing behind.
 */
export async function isReady(
  db: Pick<Database, 'kysely' | 'write' | 'upkeep'>,
  minFreeBytes: number,
): Promise<boolean> {
  try {
    if (!(await db.upkeep.hasRoom(minFreeBytes))) return false;
    // This changes nothing, and yet writes and commits a page as a real write does: on a full disk it fails.
    await db.write(async (trx) => {
      await trx.insertInto('workers').values({ id: PROBE, started_at: 0, heartbeat_at: 0 }).execute();
      await trx.deleteFrom('workers').where('id', '=', PROBE).execute();
    });
    return await isSchemaUsable(db.kysely);
  } catch {
    return false;
  }
}

/**
 * {@link isReady} for an endpoint that anybody may call, since each check costs a commit. A yes stays valid for a
 * second; requests that arrive during a check share its answer.
 */
export function readinessOf(
  db: Pick<Database, 'kysely' | 'write' | 'upkeep'>,
  minFreeBytes: number,
  clock: Pick<Clock, 'monotonicMs'> = systemClock,
): () => Promise<boolean> {
  let looking: Promise<boolean> | undefined;
  let readyUntil = 0;
  const look = async () => {
    const ready = await isReady(db, minFreeBytes);
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
