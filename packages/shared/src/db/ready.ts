import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { isSchemaCurrent } from './migrate.ts';
import type { Database } from './open.ts';

const PROBE = 'readiness probe';
/** That it is ready is believed for so long (ms). */
const REMEMBERED_MS = 1000;

/** Bytes that are free where a file is. Opens nothing, so SQLite's locks stay (sqlite.org/howtocorrupt.html §2.2). */
export async function freeBytesAt(file: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(file));
  return bavail * bsize;
}

/**
 * True when there is room (bytes) for what comes, the database takes a write, and its schema is the one that this code
 * knows. Leaves nothing behind.
 */
export async function isReady(
  db: Pick<Database, 'kysely' | 'write' | 'file'>,
  minFreeBytes: number,
): Promise<boolean> {
  try {
    if ((await freeBytesAt(db.file)) < minFreeBytes) return false;
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
