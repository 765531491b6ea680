import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely } from 'kysely';
import type { Page } from '../http/pagination.ts';
import { rolesOf } from './friend-roles.ts';
import { type FriendshipFilter, type ListedFriend, listFriendships } from './friendships.ts';

/** As {@link listFriendships}, with the roles that the user has given to each. */
export async function listFriends(
  db: Kysely<Schema>,
  userId: string,
  filter: FriendshipFilter,
  page: Page,
): Promise<(ListedFriend & { roles: string[] })[]> {
  const found = await listFriendships(db, userId, filter, page);
  const ids = found.map(({ id }) => id);
  const roles = await rolesOf(db, userId, ids);
  return found.map((friend) => ({ ...friend, roles: roles.get(friend.id) ?? [] }));
}
