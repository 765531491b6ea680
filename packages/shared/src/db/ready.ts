import { isSchemaCurrent } from './migrate.ts';
import type { Database } from './open.ts';

/** True when the database takes a write and its schema is the one that this code knows. Leaves nothing behind. */
export async function isReady(db: Database): Promise<boolean> {
  try {
    // Changes no row, but needs the write lock and a page to write to, as a real write does.
    await db.write((trx) =>
      trx.updateTable('lanes').set({ failures: 0 }).where('connection_id', '=', '').execute(),
    );
    return await isSchemaCurrent(db.kysely);
  } catch {
    return false;
  }
}
