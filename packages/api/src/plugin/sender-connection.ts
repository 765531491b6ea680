import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { ranked } from '../messages/choose-connection.ts';
import { type OwnConnection, ownConnectionsOf } from '../messages/routing-cache.ts';

/**
 * The caller's connection that a request is made for: the named one, else the best.
 * @throws MahiloError SENDER_CONNECTION_NOT_FOUND
 */
export async function senderConnection(
  db: Kysely<Schema>,
  userId: string,
  named: string | undefined,
): Promise<OwnConnection> {
  const own = await ownConnectionsOf(db, userId);
  const usable = own.filter(({ status }) => status === 'active' || status === 'suspended');
  const found = named === undefined ? ranked(usable)[0] : usable.find(({ id }) => id === named);
  if (found !== undefined) return found;
  const message =
    named === undefined
      ? 'You have no active connection.'
      : 'sender_connection_id is no active one of yours.';
  throw new MahiloError('SENDER_CONNECTION_NOT_FOUND', message);
}
