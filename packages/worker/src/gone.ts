import type { Schema } from '@mahilo/shared/db/schema';
import type { Transaction } from 'kysely';
import type { Finished } from './decide.ts';

/**
 * Deactivates the connections whose agents answered 410 Gone, unless they were registered again meanwhile. Their
 * waiting deliveries become dead letters, which `recover` brings back.
 * @returns the ids of those that were active.
 */
export async function deactivateGone(
  trx: Transaction<Schema>,
  settled: readonly Finished[],
): Promise<string[]> {
  const deactivated: string[] = [];
  for (const { delivery, attempt } of settled) {
    if (attempt?.outcome !== 'gone') continue;
    const { numUpdatedRows } = await trx
      .updateTable('connections')
      .set({ status: 'inactive' })
      .where('id', '=', delivery.connection_id)
      .where('registration', '=', delivery.registration)
      .where('status', 'in', ['active', 'suspended'])
      .executeTakeFirst();
    if (numUpdatedRows > 0n) deactivated.push(delivery.connection_id);
  }
  return deactivated;
}
