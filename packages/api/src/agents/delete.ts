import { deleteKeysOfConnection } from '@mahilo/shared/accounts/keys';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import { deleteSubscription } from '@mahilo/shared/subscriptions/end';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findOwn, updateConnection } from './connections.ts';

/**
 * Deletes a user's connection. Cancels its undelivered deliveries and deletes its secrets and its API keys; the row
 * stays for the history.
 * @returns false when the user has no such connection.
 */
export async function deleteAgent({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<boolean> {
  const deleted = await db.write(caller, async (trx) => {
    if ((await findOwn(trx, caller.id, id)) === undefined) return false;
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
    return true;
  });
  if (deleted) await cancelAllDeliveries((work) => db.write('registry', work), [id], clock);
  return deleted;
}
