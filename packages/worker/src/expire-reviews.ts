import type { DecisionState } from '@mahilo/shared/db/schema';
import { worded } from '@mahilo/shared/db/words/words';
import { HELD_STATES } from '@mahilo/shared/decisions/held';
import { appendEvents } from '@mahilo/shared/events/append';
import { reviewClosed } from '@mahilo/shared/events/review';
import { sql } from 'kysely';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

const UNINDEXED_STATE = worded(({ unindexed }) => unindexed('state'));
const HELD = sql.raw(`('${HELD_STATES.join("', '")}')`);

interface Expired {
  sender_id: string;
  message_id: string;
  recipient: string;
  sender_connection_id: string | null;
  send_json: string | null;
}

/**
 * Closes the reviews that nobody has decided in time, and tells their senders. In small batches. Uses
 * decisions_by_expiry.
 * @returns how many.
 */
export async function expireReviews(
  { db, clock }: Pick<WorkerDeps, 'db' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  return inBatches(signal, () =>
    db.write(async (trx) => {
      const now = clock.now();
      const { rows } = await sql<Expired>`
        update decisions set state = ${'expired' satisfies DecisionState}, expires_at = null, settled_at = ${now}
        where message_id in (
          select message_id from decisions
          where expires_at is not null and expires_at <= ${now} and ${UNINDEXED_STATE} in ${HELD}
          order by expires_at limit ${BATCH})
        returning sender_id, message_id, recipient, sender_connection_id, send_json
      `.execute(trx);
      await appendEvents(
        trx,
        rows.map((row) => reviewClosed(row, 'expired')),
        now,
      );
      return rows.length;
    }),
  );
}
