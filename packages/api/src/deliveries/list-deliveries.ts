import type { Schema } from '@mahilo/shared/db/schema';
import { idAtTime } from '@mahilo/shared/ids';
import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { lateMessages } from '../decisions/late-messages.ts';
import { boundedWalk, mergeSlices, type Slice } from '../http/bounded-walk.ts';
import type { Page } from '../http/pagination.ts';
import { DELIVERY_COLUMNS, type DeliveryRow } from './deliveries.ts';
import { conditionsOf, type DeliveryFilter } from './delivery-filter.ts';

/** An id is created a moment before or after the time that `since` compares. */
const ID_TOLERANCE_MS = 60_000;

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
  const first = firstId(filter);
  const wanted = { userId, conditions: conditionsOf(filter, userId), after, first, count: page.limit + 1 };
  const halves = [
    ...(filter.direction === 'sent' ? [] : [received(db, userId)]),
    ...(filter.direction === 'received' ? [] : [sent(db, userId)]),
  ];
  const slices: Slice<DeliveryRow>[] = [];
  for (const half of halves) slices.push(await slice(half, wanted));
  if (filter.since !== undefined) {
    const late = await lateMessages(db, userId, filter.direction, filter.since);
    slices.push(await lateSlice(halves, wanted, late));
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

interface Wanted {
  userId: string;
  conditions: readonly RawBuilder<boolean>[];
  /** Only what comes after this key. */
  after: string | undefined;
  /** Only of messages with this id or a later one. */
  first: string;
  count: number;
}

/** Ids of what was accepted since then are not smaller, but for what was decided about first. */
function firstId({ since }: DeliveryFilter): string {
  return since === undefined ? '' : idAtTime('msg', Math.max(0, since - ID_TOLERANCE_MS));
}

/** The part of a list behind a key. */
function behind({ query, message }: Half, after: string | undefined, limit: number) {
  return query
    .$if(after !== undefined, (rest) => rest.where(tuple(message, '<', after ?? '')))
    .orderBy(message, 'desc')
    .orderBy('outbox.id', 'desc')
    .limit(limit);
}

async function slice(
  half: Half,
  { userId, conditions, after, first, count }: Wanted,
): Promise<Slice<DeliveryRow>> {
  const { message } = half;
  const since = (key: string | undefined, limit: number) =>
    behind(half, key, limit).$if(first !== '', (rest) => rest.where(message, '>=', first));
  if (conditions.length === 0) return { rows: await shown(since(after, count)), stoppedAt: undefined };
  return boundedWalk(userId, count, after, async (key, limit) => {
    const looked = await since(key, limit).select(['messages.id as message_id', 'outbox.id']).execute();
    const oldest = looked.at(-1);
    if (oldest === undefined) return { rows: [], lookedAt: 0, last: undefined };
    const last = keyOf(oldest);
    const piece = since(key, count).where(tuple(message, '>=', last));
    return { rows: await shown(piece.where(all(conditions))), lookedAt: looked.length, last };
  });
}

/** What was sent since then under ids that are older. */
async function lateSlice(
  halves: readonly Half[],
  { conditions, after, first, count }: Wanted,
  messageIds: readonly string[],
): Promise<Slice<DeliveryRow>> {
  const rows: DeliveryRow[] = [];
  for (const id of new Set(messageIds.toSorted().toReversed())) {
    if (id >= first || (after !== undefined && id > positionIn(after).message_id)) continue;
    for (const half of halves) {
      const ofMessage = behind(half, after, count).where(half.message, '=', id);
      rows.push(...(await shown(ofMessage.where(all(conditions)))));
    }
    if (rows.length >= count) break;
  }
  return { rows, stoppedAt: undefined };
}

const all = (conditions: readonly RawBuilder<boolean>[]) =>
  sql<boolean>`(${sql.join(conditions, sql` and `)})`;

function shown(query: Half['query']): Promise<DeliveryRow[]> {
  return query.innerJoin('users', 'users.id', 'outbox.recipient_id').select(DELIVERY_COLUMNS).execute();
}

function tuple(message: Half['message'], operator: '<' | '>=', key: string) {
  const { message_id, id } = positionIn(key);
  return sql<boolean>`(${sql.ref(message)}, outbox.id) ${sql.raw(operator)} (${message_id}, ${id})`;
}
