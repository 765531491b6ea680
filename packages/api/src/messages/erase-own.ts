import { appendAudit, userActor } from '@mahilo/shared/audit/append';
import { eraseDecision } from '@mahilo/shared/decisions/delete';
import { MahiloError } from '@mahilo/shared/errors';
import { eraseMessage } from '@mahilo/shared/outbox/erase-message';
import type { Caller } from '../access/caller.ts';
import { findDecisionOn } from '../decisions/decisions.ts';
import type { ApiDeps } from '../deps.ts';
import { findMessage } from './messages.ts';

/** Erases a message for its sender, or what was decided about one that is not sent. @throws MahiloError NOT_FOUND */
export async function eraseOwnMessage({ db, clock }: ApiDeps, caller: Caller, id: string): Promise<void> {
  const now = clock.now();
  await db.write(caller, async (trx) => {
    const message = (await findMessage(trx, id)) ?? (await findDecisionOn(trx, id));
    if (message?.sender_id !== caller.id) {
      throw new MahiloError('NOT_FOUND', 'You have sent no message with this id.');
    }
    const isErased =
      'state' in message ? await eraseDecision(trx, id, now) : await eraseMessage(trx, id, now);
    if (!isErased) return;
    await appendAudit(trx, { actor: userActor(caller.id), action: 'message.erase', subject: id }, now);
  });
}
