import { worded } from '@mahilo/shared/db/words/words';
import { idAtTime } from '@mahilo/shared/ids';
import { sql } from 'kysely';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

const UNINDEXED_STATE = worded(({ unindexed }) => unindexed('state'));

type PruneDeps = Pick<WorkerDeps, 'db' | 'clock'>;

/**
 * Deletes decisions to allow a message that nobody has sent in time, in small batches. Uses decisions_by_expiry.
 * @returns how many it deleted.
 */
export async function pruneLapsed({ db, clock }: PruneDeps, signal: AbortSignal): Promise<number> {
  const now = clock.now();
  return inBatches(signal, () =>
    db.write(async (trx) => {
      const { rows } = await sql`
        delete from decisions where message_id in (
          select message_id from decisions where expires_at is not null and expires_at <= ${now} and ${UNINDEXED_STATE} = 'allowed'
          order by expires_at limit ${BATCH})
        returning 1
      `.execute(trx);
      return rows.length;
    }),
  );
}

/**
 * Deletes decisions that are older than `before` (ms) and wait for nobody, in small batches. Uses the primary key.
 * @returns how many it deleted.
 */
export async function pruneDecisions(
  { db }: PruneDeps,
  before: number,
  signal: AbortSignal,
): Promise<number> {
  let position = '';
  let deleted = 0;
  await inBatches(signal, async () => {
    const looked = await db.kysely
      .selectFrom('decisions')
      .select('message_id')
      .where('message_id', '>', position)
      .where('message_id', '<', idAtTime('msg', before))
      .orderBy('message_id')
      .limit(BATCH)
      .execute();
    const last = looked.at(-1)?.message_id;
    if (last === undefined) return 0;
    deleted += await db.write(async (trx) => {
      const { rows } = await sql`
        delete from decisions where message_id > ${position} and message_id <= ${last} and created_at < ${before}
          and expires_at is null
        returning 1
      `.execute(trx);
      return rows.length;
    });
    position = last;
    return looked.length;
  });
  return deleted;
}
