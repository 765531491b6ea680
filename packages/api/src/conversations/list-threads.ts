import type { RecipientType, Schema } from '@mahilo/shared/db/schema';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { type InferResult, type Kysely, type NotNull, sql } from 'kysely';
import { boundedWalk, mergeSlices, type Slice } from '../http/bounded-walk.ts';
import type { Page } from '../http/pagination.ts';
import { type Counterpart, counterpartOf } from './counterpart.ts';

/** A thread, by its latest message: what was said to or by somebody under one correlation id, or under none. */
export interface Thread {
  /** The id of its latest message. */
  id: string;
  recipient_type: RecipientType;
  counterpart: string;
  correlation_id: string | null;
}

/**
 * A page of a user's threads, the one with the latest message first. Looks through the user's messages from the cursor on
 * by messages_by_sender and outbox_by_recipient, no further than a bounded walk does: nothing is kept of threads, so that
 * no send has to write it. So a thread that goes on behind the page comes again there.
 */
export async function listThreads(
  db: Kysely<Schema>,
  userId: string,
  counterpart: Counterpart | undefined,
  page: Page,
): Promise<Slice<Thread>> {
  const slices: Slice<Thread>[] = [];
  for (const read of [sent, received]) {
    slices.push(
      await latestOf(userId, (after, limit) => read(db, userId, after, limit).execute(), counterpart, page),
    );
  }
  const { rows, stoppedAt } = mergeSlices(slices, ({ id }) => id);
  const seen = new Set<string>();
  return { rows: rows.filter((row) => isNew(seen, row)), stoppedAt };
}

type Read = (after: string | undefined, limit: number) => Promise<readonly Thread[]>;

/** The threads of one direction, each once, by its latest message of that direction. */
async function latestOf(
  userId: string,
  read: Read,
  counterpart: Counterpart | undefined,
  page: Page,
): Promise<Slice<Thread>> {
  const seen = new Set<string>();
  return boundedWalk(userId, page.limit + 1, page.after, async (after, limit) => {
    const looked = await read(after, limit);
    const rows = looked.filter((row) => isOf(counterpart, row) && isNew(seen, row));
    return { rows, lookedAt: looked.length, last: looked.at(-1)?.id };
  });
}

function isOf(counterpart: Counterpart | undefined, row: Thread): boolean {
  return (
    counterpart === undefined ||
    (counterpart.type === row.recipient_type && counterpart.name === row.counterpart)
  );
}

function isNew(seen: Set<string>, { recipient_type, counterpart, correlation_id }: Thread): boolean {
  const before = seen.size;
  return seen.add(`${recipient_type} ${counterpart} ${correlation_id ?? ''}`).size > before;
}

function sent(db: Kysely<Schema>, userId: string, after: string | undefined, limit: number) {
  return db
    .selectFrom('messages')
    .select(['id', 'recipient_type', 'recipient as counterpart', 'correlation_id'])
    .where('sender_id', '=', userId)
    .$if(after !== undefined, (query) => query.where('id', '<', after ?? ''))
    .orderBy('id', 'desc')
    .limit(limit);
}

function received(db: Kysely<Schema>, userId: string, after: string | undefined, limit: number) {
  return (
    db
      .selectFrom('outbox')
      .innerJoin('messages', 'messages.id', 'outbox.message_id')
      .select(['outbox.message_id as id', 'messages.recipient_type', 'messages.correlation_id'])
      .select(counterpartOf(userId).as('counterpart'))
      .where('outbox.recipient_id', '=', userId)
      // Past the events, which have no message and come last: there may be many.
      .where('outbox.message_id', '>', '')
      .$if(after !== undefined, (query) => query.where('outbox.message_id', '<', after ?? ''))
      .orderBy('outbox.message_id', 'desc')
      .limit(limit)
      .$narrowType<{ id: NotNull }>()
  );
}

/** Characters of a message that a list shows. */
const EXCERPT = 200;

/** What a list shows of a message, with the name of its group. */
export type LatestRow = InferResult<ReturnType<typeof latestMessages>>[number];

/** Uses the primary keys. @returns by their ids what a list shows of messages. */
export async function latestMessagesOf(
  db: Kysely<Schema>,
  ids: readonly string[],
): Promise<Map<string, LatestRow>> {
  const rows = ids.length === 0 ? [] : await latestMessages(db, ids).execute();
  return new Map(rows.map((row) => [row.id, row]));
}

function latestMessages(db: Kysely<Schema>, ids: readonly string[]) {
  return db
    .selectFrom('messages')
    .leftJoin('groups', (join) =>
      join.onRef('groups.id', '=', 'messages.recipient_id').on('messages.recipient_type', '=', 'group'),
    )
    .select([
      'messages.id',
      'messages.sender_username',
      'messages.sender_agent',
      'messages.payload_type',
      'messages.encryption_json',
      'messages.status',
      'messages.created_at',
      'messages.erased_at',
      'groups.name as group_name',
    ])
    .select([
      sql<string>`substr(messages.body, 1, ${sql.lit(EXCERPT)})`.as('excerpt'),
      sql<number>`octet_length(messages.body)`.as('bytes'),
    ])
    .where(sql<boolean>`messages.id in (select value from ${eachOf(ids)})`);
}
