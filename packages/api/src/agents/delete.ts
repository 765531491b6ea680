import { deleteKeysOfConnection } from '@mahilo/shared/accounts/keys';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import { deleteSubscription, endSubscriptions, subscriptionsOfAgent } from '@mahilo/shared/subscriptions/end';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findOwn, updateConnection } from './connections.ts';

/**
 * Deletes a user's connection. Cancels its undelivered deliveries and deletes its secrets, its API keys and its
 * subscriptions; the row stays for the history.
 * @returns false when the user has no such connection.
 */
export async function deleteAgent({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<boolean> {
  const ended = await db.write(caller, async (trx) => {
    if ((await findOwn(trx, caller.id, id)) === undefined) return [];
    await updateConnection(trx, id, {
      status: 'deleted',
      callback_url: null,
      callback_secret: null,
      previous_secret: null,
      previous_secret_expires_at: null,
      callback_headers: null,
    });
    await deleteKeysOfConnection(trx, id);
    await deleteSubscription(trx, id);
    const own = (await subscriptionsOfAgent(trx, caller.id, id)).map((row) => row.connection_id);
    await endSubscriptions(trx, own);
    return [id, ...own];
  });
  await cancelAllDeliveries((work) => db.write('registry', work), ended, clock);
  return ended.length > 0;
}
