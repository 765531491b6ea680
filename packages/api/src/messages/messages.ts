import type { MessageStatus, Schema } from '@mahilo/shared/db/schema';
import { insertStatement } from '@mahilo/shared/db/statement';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { MESSAGE_COLUMNS, type MessageRow } from '@mahilo/shared/messages/message-fields';
import { type Kysely, type NotNull, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { type Counterpart, isAbout, isWith } from '../conversations/counterpart.ts';
import { lateMessages } from '../decisions/late-messages.ts';
import { boundedWalk, mergeSlices, type Slice } from '../http/bounded-walk.ts';
import { countFitting, countFittingAsJson } from '../http/page-bytes.ts';
import type { Page } from '../http/pagination.ts';

const COLUMNS = MESSAGE_COLUMNS.map((column) => `messages.${column}` as const);

const insert = insertStatement<readonly unknown[]>(
  `insert into messages (${MESSAGE_COLUMNS.join(', ')})`,
  MESSAGE_COLUMNS.length,
);

export async function insertMessages(trx: Transaction<Schema>, rows: readonly MessageRow[]): Promise<void> {
  await insert(
    trx,
    rows.map((row) => MESSAGE_COLUMNS.map((column) => row[column])),
  );
}

export interface MessageFilter {
  direction: 'sent' | 'received' | undefined;
  with?: Counterpart | undefined;
  /** Accepted at this time (ms) or later. */
  since: number | undefined;
  /** Message ids of that time or later are not smaller than this one. */
  sinceId: string | undefined;
  status: MessageStatus | undefined;
  /** An empty one: those without. */
  correlationId: string | undefined;
}

/**
 * A page of a user's messages, newest first. Each direction reads its own index (messages_by_sender,
 * outbox_by_recipient) from the cursor on, so that a page costs the same however long the history is. Where no index
 * filters, a bounded walk does.
 */
export async function listMessages(
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  page: Page,
): Promise<Slice<MessageRow>> {
  const slices: Slice<Found>[] = [];
  if (filter.direction !== 'received') slices.push(await slice(SENT, db, userId, filter, page));
  if (filter.direction !== 'sent') slices.push(await slice(RECEIVED, db, userId, filter, page));
  if (filter.since !== undefined) slices.push(await lateSlice(db, userId, filter, filter.since, page));
  const { rows: found, stoppedAt } = mergeSlices(slices, ({ id }) => id);
  // Texts are read only of what fits into the page.
  const inPage = found.slice(0, page.limit);
  const read = await messagesOf(
    db,
    inPage.slice(
      0,
      countFitting(inPage, ({ bytes }) => bytes),
    ),
  );
  const rows = read.slice(
    0,
    countFittingAsJson(read, ({ body, context }) => [body, context ?? '']),
  );
  return { rows, stoppedAt: rows.length < found.length ? rows.at(-1)?.id : stoppedAt };
}

/** A message that belongs to a list, and how many bytes its texts have. */
interface Found {
  id: string;
  bytes: number;
}

/** Uses the primary key. Newest first. */
async function messagesOf(db: Kysely<Schema>, found: readonly Found[]): Promise<MessageRow[]> {
  return db
    .selectFrom('messages')
    .select(COLUMNS)
    .where(sql<boolean>`id in (select value from ${eachOf(found.map(({ id }) => id))})`)
    .orderBy('id', 'desc')
    .execute();
}

/** How the messages of one direction are read, newest first. */
interface Direction {
  /** Ids alone, of the index. */
  ids(db: Kysely<Schema>, userId: string, range: Range, limit: number): Promise<{ id: string }[]>;
  rows(db: Kysely<Schema>, userId: string, range: Range, limit: number): Matching;
}

type Matching = SelectQueryBuilder<Schema, 'messages', Found>;

const BYTES = sql<number>`octet_length(messages.body) + coalesce(octet_length(messages.context), 0)`.as(
  'bytes',
);

/** Message ids, both ends among them. */
interface Range {
  first: string;
  /** Or `before`, which is not among them. */
  last?: string;
  before?: string | undefined;
}

async function slice(
  { ids, rows }: Direction,
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  page: Page,
): Promise<Slice<Found>> {
  const first = filter.sinceId ?? '';
  const rowLimit = page.limit + 1;
  if (filter.status === undefined && filter.correlationId === undefined && filter.with === undefined) {
    const found = await rows(db, userId, { first, before: page.after }, rowLimit)
      .where(conditions(filter, userId))
      .execute();
    return { rows: found, stoppedAt: undefined };
  }
  return boundedWalk(userId, rowLimit, page.after, async (after, limit) => {
    const looked = await ids(db, userId, { first, before: after }, limit);
    const [newest, oldest] = [looked[0], looked.at(-1)];
    if (newest === undefined || oldest === undefined) return { rows: [], lookedAt: 0, last: undefined };
    const range = { first: oldest.id, last: newest.id };
    const found = await rows(db, userId, range, rowLimit).where(conditions(filter, userId)).execute();
    return { rows: found, lookedAt: looked.length, last: oldest.id };
  });
}

/** What was sent since then under ids that are older. */
async function lateSlice(
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  since: number,
  { after, limit }: Page,
): Promise<Slice<Found>> {
  const late = await lateMessages(db, userId, filter.direction, since);
  const ids = late.filter((id) => id < (filter.sinceId ?? '') && (after === undefined || id < after));
  if (ids.length === 0) return { rows: [], stoppedAt: undefined };
  const rows = await db
    .selectFrom('messages')
    .select(['messages.id', BYTES])
    .where(sql<boolean>`id in (select value from ${eachOf(ids)})`)
    .where(conditions(filter, userId))
    .orderBy('messages.id', 'desc')
    .limit(limit + 1)
    .execute();
  return { rows, stoppedAt: undefined };
}

const SENT: Direction = {
  ids: (db, userId, range, limit) => sentIds(db, userId, range, limit).execute(),
  rows: (db, userId, range, limit) => sentIds(db, userId, range, limit).select(BYTES),
};

function sentIds(db: Kysely<Schema>, userId: string, { first, last, before }: Range, limit: number) {
  return db
    .selectFrom('messages')
    .select('messages.id')
    .where('sender_id', '=', userId)
    .where('messages.id', '>=', first)
    .$if(last !== undefined, (query) => query.where('messages.id', '<=', last ?? ''))
    .$if(before !== undefined, (query) => query.where('messages.id', '<', before ?? ''))
    .orderBy('messages.id', 'desc')
    .limit(limit);
}

const RECEIVED: Direction = {
  ids: (db, userId, range, limit) =>
    receivedIds(db, userId, range, limit)
      .select('outbox.message_id as id')
      .$narrowType<{ id: NotNull }>()
      .execute(),
  rows: (db, userId, range, limit) =>
    receivedIds(db, userId, range, limit)
      .innerJoin('messages', 'messages.id', 'outbox.message_id')
      .select(['messages.id', BYTES]),
};

function receivedIds(db: Kysely<Schema>, userId: string, { first, last, before }: Range, limit: number) {
  return db
    .selectFrom('outbox')
    .where('outbox.recipient_id', '=', userId)
    .where('outbox.message_id', '>=', first)
    .$if(last !== undefined, (query) => query.where('outbox.message_id', '<=', last ?? ''))
    .$if(before !== undefined, (query) => query.where('outbox.message_id', '<', before ?? ''))
    .orderBy('outbox.message_id', 'desc')
    .limit(limit);
}

function conditions({ since, status, correlationId, with: counterpart }: MessageFilter, userId: string) {
  const asked = [
    ...(since === undefined ? [] : [sql`messages.created_at >= ${since}`]),
    ...(status === undefined ? [] : [sql`messages.status = ${status}`]),
    ...(correlationId === undefined ? [] : [isAbout(correlationId)]),
    ...(counterpart === undefined ? [] : [isWith(counterpart, userId)]),
  ];
  return asked.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(asked, sql` and `)})`;
}

/** Uses the primary key. */
export async function findMessage(db: Kysely<Schema>, id: string): Promise<MessageRow | undefined> {
  return db.selectFrom('messages').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}
