import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Transaction } from 'kysely';
import { findBetween } from '../friends/friendships.ts';

/** Who has blocked somebody is in nothing new with them. @throws MahiloError BLOCKED */
export async function assertNotBlocked(trx: Transaction<Schema>, one: string, other: string): Promise<void> {
  const friendship = await findBetween(trx, one, other);
  if (friendship?.status === 'blocked') {
    throw new MahiloError('BLOCKED', 'One of you has blocked the other.');
  }
}
