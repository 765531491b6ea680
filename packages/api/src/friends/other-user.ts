import { findUser, type User } from '@mahilo/shared/accounts/users';
import type { Schema } from '@mahilo/shared/db/schema';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Transaction } from 'kysely';

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
