import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { acceptRequest, findBetween, insertFriendship } from './friendships.ts';
import { otherUser } from './other-user.ts';

export interface Requested {
  friendshipId: string;
  status: 'pending' | 'accepted';
}

/** Asks for a friendship, or accepts the other person's request. */
export async function requestFriendship(deps: ApiDeps, user: Caller, username: string): Promise<Requested> {
  const { db, clock, newId } = deps;
  const now = clock.now();
  return db.write(user, async (trx) => {
    const other = await otherUser(trx, user, username);
    const existing = await findBetween(trx, user.id, other.id);
    if (existing === undefined) {
      await assertRoom(deps, trx, 'requests_per_user', user.id);
      const id = newId('frnd');
      await insertFriendship(
        trx,
        { id, requesterId: user.id, otherId: other.id, now },
        { status: 'pending' },
      );
      const data = { friendship_id: id, username: user.username };
      await appendEvents(trx, [{ userId: other.id, type: 'friend_request', data }], now);
      return { friendshipId: id, status: 'pending' as const };
    }
    if (existing.status === 'blocked') throw new MahiloError('BLOCKED', 'One of you has blocked the other.');
    if (existing.status === 'accepted') throw new MahiloError('ALREADY_FRIENDS', 'You are friends already.');
    if (existing.requester_id === user.id) throw new MahiloError('REQUEST_EXISTS', 'You have asked already.');
    await acceptRequest(trx, existing.id, now);
    const data = { friendship_id: existing.id, username: user.username };
    await appendEvents(trx, [{ userId: other.id, type: 'friend_accepted', data }], now);
    return { friendshipId: existing.id, status: 'accepted' as const };
  });
}
