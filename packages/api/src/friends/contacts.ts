import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { findBetween } from './friendships.ts';

/** A user's friend, by the name that the user typed. @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS */
export async function friendNamed(db: Kysely<Schema>, userId: string, username: string): Promise<User> {
  const friend = await findUser(db, username);
  if (friend === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  const friendship = await findBetween(db, userId, friend.id);
  if (friendship?.status !== 'accepted') throw new MahiloError('NOT_FRIENDS', 'You are not friends.');
  return friend;
}
