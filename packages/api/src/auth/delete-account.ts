import { removeUser } from '@mahilo/shared/accounts/remove-user';
import { appendAudit, userActor } from '@mahilo/shared/audit/append';
import { deleteDecisionsOfUser } from '@mahilo/shared/decisions/delete';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';

/** Deletes the caller's account and cancels what is owed to their agents. This cannot be undone. */
export async function deleteAccount({ db, clock }: ApiDeps, caller: Caller): Promise<void> {
  const now = clock.now();
  await deleteDecisionsOfUser((work) => db.write(caller, work), caller.id);
  const connectionIds = await db.write(caller, async (trx) => {
    const entry = { actor: userActor(caller.id), action: 'user.delete', subject: caller.id } as const;
    await appendAudit(trx, entry, now);
    return removeUser(trx, caller, now);
  });
  await cancelAllDeliveries((work) => db.write('registry', work), connectionIds, clock);
}
