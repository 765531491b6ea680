import type { GroupRole, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { findMembership, type Membership } from './members.ts';

/** A stranger cannot tell a group that exists from one that does not. */
export function noSuchGroup(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no group with this id.');
}

/**
 * The user's own membership, if its role allows the action.
 * @throws MahiloError NOT_FOUND for a stranger, FORBIDDEN for the wrong role.
 */
export async function requireRole(
  db: Kysely<Schema>,
  groupId: string,
  userId: string,
  roles: readonly GroupRole[],
): Promise<Membership> {
  const own = await findMembership(db, groupId, userId);
  if (own === undefined) throw noSuchGroup();
  if (roles.includes(own.role)) return own;
  throw new MahiloError('FORBIDDEN', `Only ${roles.join(' and ')} of the group may do this.`);
}
