import type { OutboxState, Schema } from '@mahilo/shared/db/schema';
import { type InferResult, type Kysely, type Selectable, sql } from 'kysely';
import type { Page } from '../http/pagination.ts';

/** A delivery with the names that an answer shows. */
export type DeliveryRow = InferResult<ReturnType<typeof deliveries>>[number];

function deliveries(db: Kysely<Schema>) {
  return db
    .selectFrom('outbox')
    .innerJoin('messages', 'messages.id', 'outbox.message_id')
    .innerJoin('users', 'users.id', 'outbox.recipient_id')
    .select([
      'outbox.id',
      'outbox.message_id',
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
      'outbox.last_error',
      'outbox.created_at',
      'outbox.settled_at',
    ]);
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

export interface DeliveryFilter {
  status: OutboxState | undefined;
  connectionId: string | undefined;
}

/**
 * A page of the deliveries to the user's agents and of the user's messages, newest first. Each half reads its index
 * (outbox_by_recipient; messages_by_sender and outbox_by_message) from the cursor on.
 */
export async function listDeliveries(
  db: Kysely<Schema>,
  userId: string,
  filter: DeliveryFilter,
  page: Page,
): Promise<DeliveryRow[]> {
  const after = page.after === undefined ? undefined : await positionOf(db, page.after);
  const half = (
    whose: 'outbox.recipient_id' | 'messages.sender_id',
    order: 'outbox.message_id' | 'messages.id',
  ) =>
    deliveries(db)
      .where(whose, '=', userId)
      .$if(filter.status !== undefined, (query) =>
        query.where('outbox.state', '=', filter.status ?? 'pending'),
      )
      .$if(filter.connectionId !== undefined, (query) =>
        query.where('outbox.connection_id', '=', filter.connectionId ?? ''),
      )
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(${sql.ref(order)}, outbox.id) < (${after?.message_id}, ${after?.id})`),
      )
      .orderBy(order, 'desc')
      .orderBy('outbox.id', 'desc')
      .limit(page.limit + 1)
      .execute();
  const received = await half('outbox.recipient_id', 'outbox.message_id');
  const sent = await half('messages.sender_id', 'messages.id');
  return [...received, ...sent].sort(newestFirst);
}

function newestFirst(one: DeliveryRow, other: DeliveryRow): number {
  if (one.message_id !== other.message_id) return one.message_id < other.message_id ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

async function positionOf(db: Kysely<Schema>, id: string): Promise<{ id: string; message_id: string }> {
  const row = await db.selectFrom('outbox').select('message_id').where('id', '=', id).executeTakeFirst();
  return { id, message_id: row?.message_id ?? '' };
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
