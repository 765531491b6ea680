import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Selectable, Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import {
  acceptRequest,
  blockFriendship,
  findBetween,
  findOwnFriendship,
  insertFriendship,
  removeFriendship,
  sideOf,
} from './friendships.ts';
import { otherUser } from './other-user.ts';

/** @returns false when this user may not make the change. */
type Change = (
  trx: Transaction<Schema>,
  row: Selectable<Schema['friendships']>,
  now: number,
) => Promise<boolean>;

/** Accepts a friend request to the user; the other person gets an event. @throws MahiloError NOT_FOUND */
export async function acceptFriend(deps: ApiDeps, user: Caller, id: string): Promise<void> {
  await changeOwn(deps, user, id, async (trx, row, now) => {
    if (row.status !== 'pending' || row.requester_id === user.id) return false;
    await acceptRequest(trx, id, now);
    const data = { friendship_id: id, username: user.username };
    await appendEvents(trx, [{ userId: row.requester_id, type: 'friend_accepted', data }], now);
    return true;
  });
}

/** Rejects a friend request to the user, or withdraws their own. @throws MahiloError NOT_FOUND */
export async function rejectFriend(deps: ApiDeps, user: Caller, id: string): Promise<void> {
  await changeOwn(
    deps,
    user,
    id,
    async (trx, row) => row.status === 'pending' && removeFriendship(trx, row, user.id),
  );
}

/** Blocks the other side. @throws MahiloError NOT_FOUND, QUOTA_EXCEEDED */
export async function blockFriend(deps: ApiDeps, user: Caller, id: string): Promise<void> {
  await changeOwn(deps, user, id, async (trx, row, now) => {
    await blockExisting(deps, trx, user, row, now);
    return true;
  });
}

/**
 * Blocks a user by name, whether or not there is a friendship or a request. The other person gets no event.
 * @throws MahiloError USER_NOT_FOUND, INVALID_REQUEST, QUOTA_EXCEEDED
 */
export async function blockUser(deps: ApiDeps, user: Caller, username: string): Promise<void> {
  const { db, clock, newId } = deps;
  const now = clock.now();
  await db.write(user, async (trx) => {
    const other = await otherUser(trx, user, username);
    const existing = await findBetween(trx, user.id, other.id);
    if (existing !== undefined) return blockExisting(deps, trx, user, existing, now);
    await assertRoom(deps, trx, 'blocks_per_user', user.id);
    const status = { status: 'blocked', blockedBy: user.id } as const;
    await insertFriendship(trx, { id: newId('frnd'), requesterId: user.id, otherId: other.id, now }, status);
  });
}

/** Turns a friendship, a request or the other side's block into the user's own block, unless that is one already. */
async function blockExisting(
  deps: ApiDeps,
  trx: Transaction<Schema>,
  user: Caller,
  row: Selectable<Schema['friendships']>,
  now: number,
): Promise<void> {
  if (sideOf(row, user.id) === 'a' ? row.blocked_by_a : row.blocked_by_b) return;
  await assertRoom(deps, trx, 'blocks_per_user', user.id);
  await blockFriendship(trx, row, user.id, now);
}

/** Ends a friendship, withdraws a request, or lifts the user's own block. @throws MahiloError NOT_FOUND */
export async function removeFriend(deps: ApiDeps, user: Caller, id: string): Promise<void> {
  await changeOwn(deps, user, id, (trx, row) => removeFriendship(trx, row, user.id));
}

async function changeOwn({ db, clock }: ApiDeps, user: Caller, id: string, change: Change): Promise<void> {
  await db.write(user, async (trx) => {
    const row = await findOwnFriendship(trx, user.id, id);
    if (row === undefined || !(await change(trx, row, clock.now()))) {
      throw new MahiloError('NOT_FOUND', 'There is no such friendship or request for you to change.');
    }
  });
}
