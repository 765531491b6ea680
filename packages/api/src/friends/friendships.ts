import type { FriendshipStatus, Schema } from '@mahilo/shared/db/schema';
import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Page } from '../http/pagination.ts';

type FriendshipRow = Selectable<Schema['friendships']>;

/** The columns of a friendship that belong to a user: the row of two users names the smaller id first. */
export function sideOf(row: Pick<FriendshipRow, 'user_a'>, userId: string): 'a' | 'b' {
  return row.user_a === userId ? 'a' : 'b';
}

/** The friendship of two users, in any state. Uses friendships_by_pair. */
export async function findBetween(
  db: Kysely<Schema>,
  one: string,
  other: string,
): Promise<FriendshipRow | undefined> {
  const [user_a, user_b] = one < other ? [one, other] : [other, one];
  return db
    .selectFrom('friendships')
    .selectAll()
    .where('user_a', '=', user_a)
    .where('user_b', '=', user_b)
    .executeTakeFirst();
}

/** A friendship that the user is part of. Uses the primary key. */
export async function findOwnFriendship(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<FriendshipRow | undefined> {
  return db
    .selectFrom('friendships')
    .selectAll()
    .where('id', '=', id)
    .where((where) => where.or([where('user_a', '=', userId), where('user_b', '=', userId)]))
    .executeTakeFirst();
}

/** The first row of two users: a request, a friendship that both want, or a block by the one who asks for it. */
export async function insertFriendship(
  trx: Transaction<Schema>,
  { id, requesterId, otherId, now }: { id: string; requesterId: string; otherId: string; now: number },
  state: { status: 'pending' | 'accepted' } | { status: 'blocked'; blockedBy: string },
): Promise<void> {
  const [user_a, user_b] = requesterId < otherId ? [requesterId, otherId] : [otherId, requesterId];
  const blockedBy = state.status === 'blocked' ? state.blockedBy : undefined;
  await trx
    .insertInto('friendships')
    .values({
      id,
      user_a,
      user_b,
      requester_id: requesterId,
      status: state.status,
      blocked_by_a: Number(blockedBy === user_a),
      blocked_by_b: Number(blockedBy === user_b),
      created_at: now,
      since: now,
    })
    .execute();
}

export async function acceptRequest(trx: Transaction<Schema>, id: string, now: number): Promise<void> {
  await trx.updateTable('friendships').set({ status: 'accepted', since: now }).where('id', '=', id).execute();
}

/** Blocks for one side, beside a block by the other side. */
export async function blockFriendship(
  trx: Transaction<Schema>,
  row: FriendshipRow,
  userId: string,
  now: number,
): Promise<void> {
  const mine = sideOf(row, userId) === 'a' ? { blocked_by_a: 1 } : { blocked_by_b: 1 };
  const since = row.status === 'blocked' ? row.since : now;
  await trx
    .updateTable('friendships')
    .set({ ...mine, status: 'blocked', since })
    .where('id', '=', row.id)
    .execute();
}

/**
 * Ends a friendship, withdraws a request, or lifts the user's own block.
 * @returns false when the only block is the other side's.
 */
export async function removeFriendship(
  trx: Transaction<Schema>,
  row: FriendshipRow,
  userId: string,
): Promise<boolean> {
  if (row.status === 'blocked') {
    const isA = sideOf(row, userId) === 'a';
    const [mine, theirs] = isA ? [row.blocked_by_a, row.blocked_by_b] : [row.blocked_by_b, row.blocked_by_a];
    if (!mine) return false;
    if (theirs) {
      const lifted = isA ? { blocked_by_a: 0 } : { blocked_by_b: 0 };
      await trx.updateTable('friendships').set(lifted).where('id', '=', row.id).execute();
      return true;
    }
  }
  await trx.deleteFrom('friendships').where('id', '=', row.id).execute();
  return true;
}

/** Which friendships a list has. */
export interface FriendshipFilter {
  status: FriendshipStatus;
  /** Who had asked, or blocked: `sent`, the user did. */
  direction?: 'sent' | 'received' | undefined;
  /** Only the one with this user. */
  otherId?: string | undefined;
}

export interface ListedFriend {
  id: string;
  user_id: string;
  username: string;
  display_name: string | null;
  status: FriendshipStatus;
  requester_id: string;
  since: number;
}

/**
 * A user's friendships of one status, newest first; of blocks only the user's own, which are all `sent`. Uses
 * friendships_by_user_a and friendships_by_user_b, or friendships_blocked_by_a and friendships_blocked_by_b; with one
 * user friendships_by_pair.
 */
export async function listFriendships(
  db: Kysely<Schema>,
  userId: string,
  { status, direction, otherId }: FriendshipFilter,
  page: Page,
): Promise<ListedFriend[]> {
  if (status === 'blocked' && direction === 'received') return [];
  const isByAsker = direction !== undefined && status !== 'blocked';
  const half = (
    mine: 'user_a' | 'user_b',
    theirs: 'user_a' | 'user_b',
    block: 'blocked_by_a' | 'blocked_by_b',
  ) =>
    db
      .selectFrom('friendships')
      .innerJoin('users', 'users.id', `friendships.${theirs}`)
      .select([
        'friendships.id',
        'users.id as user_id',
        'username',
        'display_name',
        'status',
        'requester_id',
        'since',
      ])
      .where(`friendships.${mine}`, '=', userId)
      .$if(status !== 'blocked', (query) => query.where('status', '=', status))
      // A literal, since SQLite uses no partial index when its condition is a parameter.
      .$if(status === 'blocked', (query) => query.where(block, '=', sql.lit(1)))
      .$if(isByAsker, (query) => query.where('requester_id', direction === 'sent' ? '=' : '<>', userId))
      .$if(otherId !== undefined, (query) => query.where(`friendships.${theirs}`, '=', otherId ?? ''))
      .$if(page.after !== undefined, (query) => query.where('friendships.id', '<', page.after ?? ''))
      .orderBy('friendships.id', 'desc')
      .limit(page.limit + 1);
  const [asA, asB] = [
    await half('user_a', 'user_b', 'blocked_by_a').execute(),
    await half('user_b', 'user_a', 'blocked_by_b').execute(),
  ];
  return [...asA, ...asB].sort((one, other) => (one.id < other.id ? 1 : -1));
}
