import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { type ConnectionRow, findOwn } from '../agents/connections.ts';
import { findBetween } from '../friends/friendships.ts';
import { findMembership } from '../groups/members.ts';
import type { DeliveryRow } from './deliveries.ts';

/** Why one of its parties may not have a delivery made again, whatever its state; undefined: they may. */
export async function refusalToResend(
  db: Kysely<Schema>,
  userId: string,
  delivery: DeliveryRow,
): Promise<MahiloError | undefined> {
  const connection = await findOwn(db, delivery.recipient_id, delivery.connection_id);
  if (connection === undefined) {
    const sentence = 'The connection that this delivery was for has been deleted.';
    return new MahiloError('CONNECTION_NOT_FOUND', sentence);
  }
  const toWrite = delivery.recipient_id === userId ? undefined : await refusalToWrite(db, userId, delivery);
  return toWrite ?? refusalOfInactive(connection);
}

/** To an inactive agent nothing can go out: what is requeued would only fail. */
export function refusalOfInactive({ status }: ConnectionRow): MahiloError | undefined {
  if (status !== 'inactive') return undefined;
  return new MahiloError(
    'CONNECTION_INACTIVE',
    'The agent is inactive, because it answered 410 Gone; its owner has to register it first.',
  );
}

/** To bring a message again its sender needs the same right as to send it. */
async function refusalToWrite(
  db: Kysely<Schema>,
  senderId: string,
  delivery: DeliveryRow,
): Promise<MahiloError | undefined> {
  const friendship = await findBetween(db, senderId, delivery.recipient_id);
  if (delivery.recipient_type === 'user') {
    if (friendship?.status === 'accepted') return undefined;
    return new MahiloError('NOT_FRIENDS', 'You are no longer friends.');
  }
  for (const userId of [senderId, delivery.recipient_id]) {
    const membership = await findMembership(db, delivery.addressee_id, userId);
    if (membership?.status === 'active') continue;
    const who = userId === senderId ? 'You are' : `${delivery.recipient} is`;
    return new MahiloError('NOT_MEMBER', `${who} no longer a member of the group.`);
  }
  if (friendship?.status !== 'blocked') return undefined;
  return new MahiloError('BLOCKED', 'One of you has blocked the other.');
}
