import { findUser } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { listConnections } from '../agents/connections.ts';
import type { Page } from '../http/pagination.ts';
import { findBetween } from './friendships.ts';

/** A page of the active connections of a user's friend. @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS */
export async function connectionsOfFriend(db: Kysely<Schema>, userId: string, username: string, page: Page) {
  const friend = await findUser(db, username);
  if (friend === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  const friendship = await findBetween(db, userId, friend.id);
  if (friendship?.status !== 'accepted') throw new MahiloError('NOT_FRIENDS', 'You are not friends.');
  return listConnections(db, friend.id, page, ['active']);
}
