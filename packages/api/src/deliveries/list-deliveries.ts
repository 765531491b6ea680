import type { OutboxState, Schema } from '@mahilo/shared/db/schema';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { boundedWalk, mergeSlices, type Slice } from '../http/bounded-walk.ts';
import type { Page } from '../http/pagination.ts';
import { DELIVERY_COLUMNS, type DeliveryRow } from './deliveries.ts';

export interface DeliveryFilter {
  /** Undefined: every state. */
  states: readonly OutboxState[] | undefined;
  connectionId: string | undefined;
}

/**
 * A page of the deliveries to the user's agents and of the user's messages, newest first. Each half reads its index
 * (outbox_by_recipient; messages_by_sender and outbox_by_message) from the cursor on. Where no index filters, a
 * bounded walk does.
 */
export async function listDeliveries(
  db: Kysely<Schema>,
  userId: string,
  filter: DeliveryFilter,
  page: Page,
): Promise<Slice<DeliveryRow>> {
  const after = page.after === undefined ? undefined : keyOf(await positionOf(db, page.after));
  const slices: Slice<DeliveryRow>[] = [];
  for (const half of [received(db, userId), sent(db, userId)]) {
    slices.push(await slice(half, filter, after, page.limit + 1));
  }
  const { rows, stoppedAt } = mergeSlices(slices, keyOf);
  return { rows, stoppedAt: stoppedAt === undefined ? undefined : positionIn(stoppedAt).id };
}

interface Position {
  message_id: string;
  id: string;
}

/** Ids have one length, so that keys sort as positions do. */
const keyOf = ({ message_id, id }: Position): string => `${message_id} ${id}`;

function positionIn(key: string): Position {
  const [message_id = '', id = ''] = key.split(' ');
  return { message_id, id };
}

/** When the delivery behind a cursor was pruned meanwhile, the page is the end of the list. */
async function positionOf(db: Kysely<Schema>, id: string): Promise<Position> {
  const row = await db.selectFrom('outbox').select('message_id').where('id', '=', id).executeTakeFirst();
  return { id, message_id: row?.message_id ?? '' };
}

/** One of the two lists, newest first. */
interface Half {
  query: SelectQueryBuilder<Schema, 'outbox' | 'messages', object>;
  message: 'outbox.message_id' | 'messages.id';
}

const received = (db: Kysely<Schema>, userId: string): Half => ({
  query: db
    .selectFrom('outbox')
    .innerJoin('messages', 'messages.id', 'outbox.message_id')
    .where('outbox.recipient_id', '=', userId)
    // Past the events, which have no message and come last: there may be many.
    .where('outbox.message_id', '>', ''),
  message: 'outbox.message_id',
});

const sent = (db: Kysely<Schema>, userId: string): Half => ({
  query: db
    .selectFrom('messages')
    .innerJoin('outbox', 'outbox.message_id', 'messages.id')
    .where('messages.sender_id', '=', userId),
  message: 'messages.id',
});

async function slice(
  { query, message }: Half,
  { states, connectionId }: DeliveryFilter,
  after: string | undefined,
  wanted: number,
): Promise<Slice<DeliveryRow>> {
  const behind = (key: string | undefined, limit: number) =>
    query
      .$if(key !== undefined, (rest) => rest.where(tuple(message, '<', key ?? '')))
      .orderBy(message, 'desc')
      .orderBy('outbox.id', 'desc')
      .limit(limit);
  if (states === undefined && connectionId === undefined) {
    const rows = await behind(after, wanted)
      .innerJoin('users', 'users.id', 'outbox.recipient_id')
      .select(DELIVERY_COLUMNS)
      .execute();
    return { rows, stoppedAt: undefined };
  }
  return boundedWalk(wanted, after, async (key, limit) => {
    const looked = await behind(key, limit).select(['messages.id as message_id', 'outbox.id']).execute();
    const oldest = looked.at(-1);
    if (oldest === undefined) return { rows: [], lookedAt: 0, last: undefined };
    const last = keyOf(oldest);
    const rows = await behind(key, wanted)
      .where(tuple(message, '>=', last))
      .$if(states !== undefined, (rest) => rest.where('outbox.state', 'in', states ?? []))
      .$if(connectionId !== undefined, (rest) => rest.where('outbox.connection_id', '=', connectionId ?? ''))
      .innerJoin('users', 'users.id', 'outbox.recipient_id')
      .select(DELIVERY_COLUMNS)
      .execute();
    return { rows, lookedAt: looked.length, last };
  });
}

function tuple(message: Half['message'], operator: '<' | '>=', key: string) {
  const { message_id, id } = positionIn(key);
  return sql<boolean>`(${sql.ref(message)}, outbox.id) ${sql.raw(operator)} (${message_id}, ${id})`;
}
