import { sql } from 'kysely';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

/**
 * Deletes policies that have been over since before `before` (ms): expired, or used up. In small batches. Uses
 * policies_by_expiry and policies_used_up.
 */
export async function prunePolicies(
  { db }: Pick<WorkerDeps, 'db'>,
  before: number,
  signal: AbortSignal,
): Promise<void> {
  await inBatches(signal, () =>
    db.write(async (trx) => {
      const { rows } = await sql`
        delete from policies where id in (
          select id from (select id from policies where expires_at < ${before} limit ${BATCH}) as expired
          union all
          select id from (select id from policies where remaining_uses = 0 and updated_at < ${before} limit ${BATCH})
            as used_up
          limit ${BATCH})
        returning 1
      `.execute(trx);
      return rows.length;
    }),
  );
}
