import type { Schema } from '@mahilo/shared/db/schema';
import type { InferResult, Kysely, Selectable } from 'kysely';

/** A delivery with the names that an answer shows. */
export type DeliveryRow = InferResult<ReturnType<typeof deliveries>>[number];

/** Of outbox, messages and users, joined. */
export const DELIVERY_COLUMNS = [
  'outbox.id',
  'messages.id as message_id',
  'messages.sender_id',
  'messages.sender_username as sender',
  'outbox.recipient_id',
  'users.username as recipient',
  'messages.recipient_type',
  // As the message names its recipient: a user's id, or a group's.
  'messages.recipient_id as addressee_id',
  'outbox.connection_id',
  'outbox.state',
  'outbox.attempts',
  'outbox.due_at',
  'outbox.lease_owner',
  'outbox.lease_expires_at',
  'outbox.last_error',
  'outbox.created_at',
  'outbox.settled_at',
  'outbox.first_delivered_at',
] as const;

function deliveries(db: Kysely<Schema>) {
  return db
    .selectFrom('outbox')
    .innerJoin('messages', 'messages.id', 'outbox.message_id')
    .innerJoin('users', 'users.id', 'outbox.recipient_id')
    .select(DELIVERY_COLUMNS);
}

/**
 * The deliveries of a message, or only those to one recipient, in the order of their ids. Uses outbox_by_message or
 * outbox_by_recipient.
 */
export async function deliveriesOfMessage(
  db: Kysely<Schema>,
  messageId: string,
  recipientId: string | undefined,
): Promise<DeliveryRow[]> {
  return deliveries(db)
    .where('outbox.message_id', '=', messageId)
    .$if(recipientId !== undefined, (query) => query.where('outbox.recipient_id', '=', recipientId ?? ''))
    .orderBy('outbox.id')
    .execute();
}

/** A delivery that the user is a party to, as its message's sender or as its recipient. Uses the primary key. */
export async function findDelivery(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<DeliveryRow | undefined> {
  const row = await deliveries(db).where('outbox.id', '=', id).executeTakeFirst();
  return row && (row.sender_id === userId || row.recipient_id === userId) ? row : undefined;
}

/** The attempts of a delivery, oldest first. Uses the primary key. */
export async function listAttempts(
  db: Kysely<Schema>,
  deliveryId: string,
): Promise<Selectable<Schema['delivery_attempts']>[]> {
  return db
    .selectFrom('delivery_attempts')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('attempt')
    .execute();
}
