import type { GroupRole, Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { findMembership, type Membership } from './members.ts';

/** To a stranger a group that exists and one that does not are the same. */
export function noSuchGroup(): MahiloError {
  return new MahiloError('NOT_FOUND', 'You have no group with this id.');
}

/**
 * The user's own membership, if its role may do what is asked for.
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
