import type { MessageStatus, Schema } from '@mahilo/shared/db/schema';
import { insertStatement } from '@mahilo/shared/db/statement';
import { MESSAGE_COLUMNS, type MessageRow } from '@mahilo/shared/messages/fields';
import { type Kysely, sql, type Transaction } from 'kysely';
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
  /** Accepted at this time (ms) or later. */
  since: number | undefined;
  /** No message id of that time or later is smaller. */
  sinceId: string | undefined;
  status: MessageStatus | undefined;
  correlationId: string | undefined;
}

/**
 * A page of a user's messages, newest first. Each direction reads its own index (messages_by_sender,
 * outbox_by_recipient) from the cursor on, so that a page costs the same however long the history is.
 */
export async function listMessages(
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  page: Page,
): Promise<MessageRow[]> {
  const sent = filter.direction !== 'received' ? await sentMessages(db, userId, filter, page) : [];
  const received = filter.direction !== 'sent' ? await receivedMessages(db, userId, filter, page) : [];
  return [...sent, ...received].sort((one, other) => (one.id < other.id ? 1 : -1));
}

function sentMessages(
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  page: Page,
): Promise<MessageRow[]> {
  return db
    .selectFrom('messages')
    .select(COLUMNS)
    .where('sender_id', '=', userId)
    .where(conditions(filter))
    .$if(page.after !== undefined, (query) => query.where('messages.id', '<', page.after ?? ''))
    .$if(filter.sinceId !== undefined, (query) => query.where('messages.id', '>=', filter.sinceId ?? ''))
    .orderBy('messages.id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

function receivedMessages(
  db: Kysely<Schema>,
  userId: string,
  filter: MessageFilter,
  page: Page,
): Promise<MessageRow[]> {
  return db
    .selectFrom('outbox')
    .innerJoin('messages', 'messages.id', 'outbox.message_id')
    .select(COLUMNS)
    .where('outbox.recipient_id', '=', userId)
    .where(conditions(filter))
    .$if(page.after !== undefined, (query) => query.where('outbox.message_id', '<', page.after ?? ''))
    .$if(filter.sinceId !== undefined, (query) =>
      query.where('outbox.message_id', '>=', filter.sinceId ?? ''),
    )
    .orderBy('outbox.message_id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

function conditions({ since, status, correlationId }: MessageFilter) {
  return sql<boolean>`(${since ?? null} is null or messages.created_at >= ${since ?? null})
    and (${status ?? null} is null or messages.status = ${status ?? null})
    and (${correlationId ?? null} is null or messages.correlation_id = ${correlationId ?? null})`;
}

/** Uses the primary key. */
export async function findMessage(db: Kysely<Schema>, id: string): Promise<MessageRow | undefined> {
  return db.selectFrom('messages').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}
