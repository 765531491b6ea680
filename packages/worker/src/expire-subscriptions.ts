import { statement } from '@mahilo/shared/db/statement';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import { endSubscriptions } from '@mahilo/shared/subscriptions/end';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

/**
 * Ends the subscriptions that were not refreshed in time. In small batches.
 * @returns how many.
 */
export async function expireSubscriptions(
  { db, clock }: Pick<WorkerDeps, 'db' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  return inBatches(signal, async () => {
    if ((await expired(db.kysely, clock.now(), 1)).length === 0) return 0;
    const ended = await db.write(async (trx) => {
      const ids = (await expired(trx, clock.now(), BATCH)).map((row) => row.connection_id);
      await endSubscriptions(trx, ids);
      return ids;
    });
    await cancelAllDeliveries(db.write, ended, clock);
    return ended.length;
  });
}

/** Uses event_subscriptions_by_expiry. */
const expired = statement<[now: number, limit: number], { connection_id: string }>(
  'select connection_id from event_subscriptions where expires_at <= ? order by expires_at limit ?',
);
