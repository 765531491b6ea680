import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { type MessageRow, sentFields } from '@mahilo/shared/messages/message-fields';
import type { Caller } from '../access/caller.ts';
import { mayUse } from '../access/scopes.ts';
import { deliveriesOfMessage } from '../deliveries/deliveries.ts';
import { toDeliveries } from '../deliveries/to-delivery.ts';
import type { ApiDeps } from '../deps.ts';
import { findMessage } from './messages.ts';

/** A message that the caller has sent or was sent, with the deliveries that concern the caller. @throws MahiloError NOT_FOUND */
export async function readMessage(deps: ApiDeps, caller: Caller, id: string) {
  const { db, clock } = deps;
  const message = await findMessage(db.kysely, id);
  const deliveries = message && (await deliveriesToShow(deps, caller, message));
  if (message === undefined || deliveries === undefined) {
    throw new MahiloError('NOT_FOUND', 'You have sent or received no message with this id.');
  }
  return { ...toMessage(message), deliveries: await toDeliveries(db.kysely, deliveries, clock.now()) };
}

/** All deliveries of a message for its sender, a recipient's own for the recipient; undefined for anybody else. */
async function deliveriesToShow({ db }: ApiDeps, caller: Caller, message: MessageRow) {
  if (message.sender_id === caller.id && mayUse(caller, message.sender_connection_id)) {
    return deliveriesOfMessage(db.kysely, message.id, undefined);
  }
  const received = await deliveriesOfMessage(db.kysely, message.id, caller.id);
  const visible = received.filter((delivery) => mayUse(caller, delivery.connection_id));
  return visible.length > 0 ? visible : undefined;
}

/** A message as answers show it. */
export function toMessage(row: MessageRow) {
  const { sender_connection_id: _, ...shown } = sentFields(row);
  return {
    ...shown,
    id: row.id,
    sender: row.sender_username,
    sender_agent: row.sender_agent,
    recipient: row.recipient,
    recipient_type: row.recipient_type,
    status: row.status,
    rejection_reason: row.rejection_reason ?? undefined,
    created_at: isoTime(row.created_at),
    delivered_at: row.delivered_at === null ? undefined : isoTime(row.delivered_at),
    erased_at: row.erased_at === null ? undefined : isoTime(row.erased_at),
  };
}
