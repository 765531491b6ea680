import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { eachOf } from '../db/words/rows.ts';

/**
 * Ends subscriptions. What is still owed to them is to be cancelled afterwards; see `cancelAllDeliveries`. Uses the primary
 * keys.
 */
export async function endSubscriptions(
  trx: Transaction<Schema>,
  connectionIds: readonly string[],
): Promise<void> {
  await sql`
    update connections set status = 'deleted', callback_url = null, callback_secret = null, previous_secret = null,
      previous_secret_expires_at = null
    where id in (select value from ${eachOf(connectionIds)}) and status <> 'deleted'
  `.execute(trx);
  for (const id of connectionIds) await deleteSubscription(trx, id);
}

/** For a connection that ends in another way; an agent has no such row. Uses the primary key. */
export const deleteSubscription = statement<[connectionId: string]>(
  'delete from event_subscriptions where connection_id = ?',
);

/** Those that tell of one agent of the user alone. Uses event_subscriptions_by_user. */
export const subscriptionsOfAgent = statement<[userId: string, agentId: string], { connection_id: string }>(
  'select connection_id from event_subscriptions where user_id = ? and agent_id = ?',
);

/** For an account that ends. Uses event_subscriptions_by_user. */
export const deleteSubscriptionsOfUser = statement<[userId: string]>(
  'delete from event_subscriptions where user_id = ?',
);
