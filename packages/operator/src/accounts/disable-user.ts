import { deleteSessionsOfUser } from '@mahilo/shared/accounts/sessions';
import type { Schema } from '@mahilo/shared/db/schema';
import { reviveLane } from '@mahilo/shared/outbox/lanes';
import { sql, type Transaction } from 'kysely';

/**
 * Disables a user: the registry refuses their API keys, their browsers are signed out, other users do not find them, and
 * their agents get nothing. Deliveries to those wait. What the user sent before still arrives. Uses connections_by_name.
 */
export async function disableUser(trx: Transaction<Schema>, userId: string, now: number): Promise<void> {
  await trx.updateTable('users').set({ disabled_at: now }).where('id', '=', userId).execute();
  await deleteSessionsOfUser(trx, userId);
  await trx
    .updateTable('connections')
    .set({ status: 'suspended' })
    .where('user_id', '=', userId)
    .where('status', '<>', sql.lit('deleted'))
    .where('status', '=', 'active')
    .execute();
}

/**
 * Enables a disabled user, with the API keys they had. Their agents become active again, including those that were
 * suspended for failing, and waiting deliveries go out. Uses connections_by_name.
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
