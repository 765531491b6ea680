import type { Schema } from '@mahilo/shared/db/schema';
import type { Transaction } from 'kysely';
import type { Finished } from './decide.ts';

/**
 * Records that callback URLs have answered a signed callback with 2xx: they belong to the agent and not to a
 * stranger. `finished` has attempts of current registrations only. Uses the primary keys.
 */
export async function proveUrls(
  trx: Transaction<Schema>,
  finished: readonly Finished[],
  now: number,
): Promise<void> {
  const proven = finished.filter(
    ({ delivery, news }) => news.kind === 'succeeded' && delivery.proven_at === null,
  );
  for (const id of new Set(proven.map(({ delivery }) => delivery.connection_id))) {
    await trx
      .updateTable('connections')
      .set({ proven_at: now })
      .where('id', '=', id)
      .where('proven_at', 'is', null)
      .execute();
    await trx.updateTable('lanes').set({ unproven_until: 0 }).where('connection_id', '=', id).execute();
  }
}
