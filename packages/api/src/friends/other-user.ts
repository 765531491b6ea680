import { findAnyUser, findUser, isUserId, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely, Transaction } from 'kysely';

/** Another user, by the name that the caller typed. @throws MahiloError USER_NOT_FOUND, INVALID_REQUEST */
export async function otherUser(
  trx: Transaction<Schema>,
  user: Pick<User, 'id'>,
  username: string,
): Promise<User> {
  const other = await findUser(trx, username);
  if (other === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  if (other.id === user.id) throw invalidField('username', 'is your own');
  return other;
}

/**
 * The id of anybody, disabled or not, who is named by it, or by name. An id goes first: somebody may have a name that
 * looks like one. Uses the primary key, and the unique index on username.
 */
export async function idOfAnybody(db: Kysely<Schema>, typed: string): Promise<string | undefined> {
  return (await isUserId(db, typed)) ? typed : (await findAnyUser(db, typed))?.id;
}
