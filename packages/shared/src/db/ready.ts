import { isSchemaCurrent } from './migrate.ts';
import type { Database } from './open.ts';

const PROBE = 'readiness probe';

/** True when the database takes a write and its schema is the one that this code knows. Leaves nothing behind. */
export async function isReady(db: Database): Promise<boolean> {
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
