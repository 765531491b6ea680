import { appendAudit, userActor } from '@mahilo/shared/audit/append';
import { MahiloError } from '@mahilo/shared/errors';
import { eraseMessage } from '@mahilo/shared/outbox/erase-message';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findMessage } from './messages.ts';

/** Erases a message for its sender. @throws MahiloError NOT_FOUND */
export async function eraseOwnMessage({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<void> {
  const now = clock.now();
  await db.write(caller, async (trx) => {
    const message = await findMessage(trx, id);
    if (message?.sender_id !== caller.id) {
      throw new MahiloError('NOT_FOUND', 'You have sent no message with this id.');
    }
    if (!(await eraseMessage(trx, id, now))) return;
    await appendAudit(trx, { actor: userActor(caller.id), action: 'message.erase', subject: id }, now);
  });
}
