import type { Schema } from '@mahilo/shared/db/schema';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import { sql, type Transaction } from 'kysely';

/**
 * Shuts a user out: their API key is refused, nobody finds them, and their agents get nothing. What waits for those stays
 * where it is. What they sent before still arrives. Uses connections_by_name.
 */
export async function disableUser(trx: Transaction<Schema>, userId: string, now: number): Promise<void> {
  await trx.updateTable('users').set({ disabled_at: now }).where('id', '=', userId).execute();
  await trx
    .updateTable('connections')
    .set({ status: 'suspended' })
    .where('user_id', '=', userId)
    .where('status', '<>', sql.lit('deleted'))
    .where('status', '=', 'active')
    .execute();
}

/**
 * Lets a user in again, with the API key they had. Their agents are active again, also those that had been suspended for
 * failing, and what has waited goes out. Uses connections_by_name.
 */
export async function enableUser(trx: Transaction<Schema>, userId: string, now: number): Promise<void> {
  await trx.updateTable('users').set({ disabled_at: null }).where('id', '=', userId).execute();
  const agents = await trx
    .updateTable('connections')
    .set({ status: 'active' })
    .where('user_id', '=', userId)
    .where('status', '<>', sql.lit('deleted'))
    .where('status', '=', 'suspended')
    .returning('id')
    .execute();
  for (const { id } of agents) await reviveLane(trx, id, now, { seen: false, moved: true, restored: true });
}
