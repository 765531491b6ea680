import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { appendEvents, type NewEvent } from '@mahilo/shared/events/append';
import type { Kysely, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { KeyChange } from './public-keys.ts';

/** Friends told in one transaction, so that other writes need not wait long. */
const FRIENDS_AT_ONCE = 500;
/** Friends counted, for what it costs. */
const FRIENDS_COUNTED = 100_000;

/** What friends are told of a change of keys. */
export type KeyNews = Omit<NewEvent, 'userId'>;

export function keyNews(
  { username }: Caller,
  { id, framework, label }: { id: string; framework: string; label: string },
  { before, after }: KeyChange,
): KeyNews {
  const data = {
    username,
    connection_id: id,
    framework,
    label,
    old_thumbprints: before,
    new_thumbprints: after,
  };
  return { type: 'key_changed', data };
}

/** Friends who are still to be told. */
interface Telling {
  userId: string;
  news: KeyNews;
  now: number;
  /** The friendship that was told last; empty: none. */
  after: string;
}

/**
 * Tells the user, since who has stolen their API key must not change keys unnoticed, and the first of their friends.
 * @returns undefined when that were all.
 */
export async function beginTelling(
  trx: Transaction<Schema>,
  userId: string,
  news: KeyNews,
  now: number,
): Promise<Telling | undefined> {
  await appendEvents(trx, [{ ...news, userId }], now);
  return tellSome(trx, { userId, news, now, after: '' });
}

/** Tells the others. If the process dies meanwhile, they see it in the keys themselves. */
export async function tellRest(
  write: <T>(work: (trx: Transaction<Schema>) => Promise<T>) => Promise<T>,
  begun: Telling | undefined,
): Promise<void> {
  for (let telling = begun; telling !== undefined; ) {
    const next = telling;
    telling = await write((trx) => tellSome(trx, next));
  }
}

async function tellSome(trx: Transaction<Schema>, telling: Telling): Promise<Telling | undefined> {
  const { userId, news, now, after } = telling;
  const friends = await friendsAfter(trx, userId, after, userId, after, FRIENDS_AT_ONCE);
  await appendEvents(
    trx,
    friends.map(({ friend_id }) => ({ ...news, userId: friend_id })),
    now,
  );
  const last = friends.length < FRIENDS_AT_ONCE ? undefined : friends.at(-1);
  return last && { ...telling, after: last.id };
}

/** Uses friendships_by_user_a and friendships_by_user_b. */
const friendsAfter = statement<
  [userId: string, after: string, userIdAgain: string, afterAgain: string, limit: number],
  { id: string; friend_id: string }
>(`
  select id, user_b as friend_id from friendships where user_a = ? and status = 'accepted' and id > ?
  union all
  select id, user_a from friendships where user_b = ? and status = 'accepted' and id > ?
  order by id limit ?`);

/** How many friends a user has, counted no further than what costs most. */
export async function countFriends(db: Kysely<Schema>, userId: string): Promise<number> {
  const [row] = await friendCount(db, userId, userId);
  return row?.friends ?? 0;
}

/** Uses friendships_by_user_a and friendships_by_user_b. */
const friendCount = statement<[userId: string, userIdAgain: string], { friends: number }>(`
  select count(*) as friends from (
    select 1 from friendships where user_a = ? and status = 'accepted'
    union all select 1 from friendships where user_b = ? and status = 'accepted'
    limit ${FRIENDS_COUNTED}) as counted`);
