import { invalidField } from '@mahilo/shared/errors';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { noSuchGroup, requireRole } from './authorize.ts';
import { findOwnGroup, type ListedGroup } from './groups.ts';
import type { GroupChanges } from './schemas.ts';

/**
 * Changes what a group says of itself, and who can join; an empty description is none. Its name stays: callbacks have it, the
 * same in each attempt, and policies name groups by it, which a new name would evade.
 * @throws MahiloError NOT_FOUND, FORBIDDEN, INVALID_REQUEST for another name
 */
export async function changeGroup(
  { db }: ApiDeps,
  user: Caller,
  groupId: string,
  { name, description, invite_only }: GroupChanges,
): Promise<ListedGroup> {
  return db.write(user, async (trx) => {
    const own = await requireRole(trx, groupId, user.id, ['owner', 'admin']);
    if (name !== undefined && name !== own.group_name) throw invalidField('name', 'of a group never changes');
    const changes = {
      ...(description !== undefined && { description: description === '' ? null : description }),
      ...(invite_only !== undefined && { invite_only: Number(invite_only) }),
    };
    if (Object.keys(changes).length > 0) {
      await trx.updateTable('groups').set(changes).where('id', '=', groupId).execute();
    }
    const group = await findOwnGroup(trx, user.id, groupId);
    if (group === undefined) throw noSuchGroup();
    return group;
  });
}
