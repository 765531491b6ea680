import { isToken, mintToken, tokenHash } from '@mahilo/shared/accounts/session-token';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { acceptRequest, findBetween, insertFriendship } from './friendships.ts';

/** How long (ms) a link can be used. */
const LINK_MS = 604_800_000;

export type FriendLink = Pick<Selectable<Schema['friend_links']>, 'id' | 'created_at' | 'expires_at'>;

/** Makes a link, which makes a friend of whoever uses it. @throws MahiloError QUOTA_EXCEEDED */
export async function createLink(deps: ApiDeps, user: Caller): Promise<FriendLink & { token: string }> {
  const { db, clock, newId, random } = deps;
  const now = clock.now();
  const token = mintToken(random);
  const link = { id: newId('lnk'), created_at: now, expires_at: now + LINK_MS };
  await db.write(user, async (trx) => {
    await deleteExpired(trx, user.id, now);
    await assertRoom(deps, trx, 'friend_links_per_user', user.id);
    await trx
      .insertInto('friend_links')
      .values({ ...link, user_id: user.id, token_hash: tokenHash(token) })
      .execute();
  });
  return { ...link, token };
}

/** They make room for new ones, and nothing else finds them. Uses friend_links_by_user. */
async function deleteExpired(trx: Transaction<Schema>, userId: string, now: number): Promise<void> {
  await trx.deleteFrom('friend_links').where('user_id', '=', userId).where('expires_at', '<=', now).execute();
}

/** A user's links that can be used, newest first: a bound says how many at most. Uses friend_links_by_user. */
export async function listLinks(db: Kysely<Schema>, userId: string, now: number): Promise<FriendLink[]> {
  return db
    .selectFrom('friend_links')
    .select(['id', 'created_at', 'expires_at'])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .execute();
}

/** Withdraws a link of the user's. @throws MahiloError NOT_FOUND */
export async function withdrawLink({ db }: ApiDeps, user: Caller, id: string): Promise<void> {
  await db.write(user, async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('friend_links')
      .where('id', '=', id)
      .where('user_id', '=', user.id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new MahiloError('NOT_FOUND', 'You have no link with this id.');
  });
}

/** A link that can be used, and who made it: not what they call themselves, as nothing shows of strangers. */
export interface UsableLink {
  id: string;
  user_id: string;
  username: string;
  expires_at: number;
}

/** Whose friend a link makes somebody. Uses friend_links_by_token. @throws MahiloError INVALID_FRIEND_LINK */
export async function readLink(db: Kysely<Schema>, token: string, now: number): Promise<UsableLink> {
  const link = isToken(token)
    ? await db
        .selectFrom('friend_links')
        .innerJoin('users', 'users.id', 'friend_links.user_id')
        .select(['friend_links.id', 'user_id', 'username', 'expires_at'])
        .where('token_hash', '=', tokenHash(token))
        .where('disabled_at', 'is', null)
        .executeTakeFirst()
    : undefined;
  if (link !== undefined && link.expires_at > now) return link;
  throw new MahiloError(
    'INVALID_FRIEND_LINK',
    'This link was used, is older than seven days, was withdrawn, or never was one: ask for a new one.',
  );
}

export interface Befriended {
  friendshipId: string;
  maker: UsableLink;
}

/**
 * Makes the user and the maker of a link friends, whichever of them had asked, and uses the link up; the maker gets an
 * event. What is refused leaves the link as it is.
 * @throws MahiloError INVALID_FRIEND_LINK, INVALID_REQUEST for one's own, BLOCKED, ALREADY_FRIENDS
 */
export async function acceptLink(
  { db, clock, newId }: ApiDeps,
  user: Caller,
  token: string,
): Promise<Befriended> {
  const now = clock.now();
  return db.write(user, async (trx) => {
    const maker = await readLink(trx, token, now);
    if (maker.user_id === user.id) throw invalidField('token', 'is of a link of your own');
    const friendshipId = await befriend(trx, newId, maker.user_id, user.id, now);
    await trx.deleteFrom('friend_links').where('id', '=', maker.id).execute();
    const data = { friendship_id: friendshipId, username: user.username };
    await appendEvents(trx, [{ userId: maker.user_id, type: 'friend_accepted', data }], now);
    return { friendshipId, maker };
  });
}

/** Both want it. @returns the id of the friendship. */
async function befriend(
  trx: Transaction<Schema>,
  newId: ApiDeps['newId'],
  makerId: string,
  userId: string,
  now: number,
): Promise<string> {
  const existing = await findBetween(trx, makerId, userId);
  if (existing?.status === 'blocked') {
    throw new MahiloError('BLOCKED', 'One of you has blocked the other.');
  }
  if (existing?.status === 'accepted') {
    throw new MahiloError('ALREADY_FRIENDS', 'You are friends already.');
  }
  if (existing !== undefined) {
    await acceptRequest(trx, existing.id, now);
    return existing.id;
  }
  const id = newId('frnd');
  const row = { id, requesterId: makerId, otherId: userId, now };
  await insertFriendship(trx, row, { status: 'accepted' });
  return id;
}
