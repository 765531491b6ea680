import { deleteKeysOfConnection } from '@mahilo/shared/accounts/keys';
import { cancelDeliveries } from '@mahilo/shared/outbox/cancel';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findOwn, updateConnection } from './connections.ts';

/** Deliveries cancelled in one transaction, so that others need not wait for long. */
const CANCEL_BATCH = 500;

/**
 * Deletes a user's connection: its undelivered deliveries are cancelled, its secrets and the API keys that are for it go, its row stays for the history.
 * Should the process die in between, workers cancel the rest as they come to it.
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
    });
    await deleteKeysOfConnection(trx, id);
    return true;
  });
  let cancelled = deleted ? CANCEL_BATCH : 0;
  while (cancelled === CANCEL_BATCH) {
    cancelled = await db.write('registry', (trx) => cancelDeliveries(trx, id, CANCEL_BATCH, clock.now()));
  }
  return deleted;
}
