import type { Transaction } from 'kysely';
import type { GroupRole, MembershipStatus, Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import { endGroup } from './end-group.ts';
import { tellInCharge } from './tell.ts';

interface LeavingMembership {
  id: string;
  group_id: string;
  group_name: string;
  role: GroupRole;
  status: MembershipStatus;
}

/**
 * Removes a user from a group for good. Hands a group that they own on to its oldest admin, else to its oldest
 * member; ends it when nobody is left. The owner and the admins get an event.
 */
export async function handOn(
  trx: Transaction<Schema>,
  user: { id: string; username: string },
  membership: LeavingMembership,
  now: number,
): Promise<void> {
  const { id, group_id: groupId, group_name, role, status } = membership;
  const [heir] = role === 'owner' ? await oldestMember(trx, groupId, user.id) : [];
  if (role === 'owner' && heir === undefined) {
    await endGroup(trx, { id: groupId, name: group_name }, user.id, now);
    return;
  }
  // In this order: a group may at no moment have two owners.
  await trx.deleteFrom('group_members').where('id', '=', id).execute();
  if (heir !== undefined) {
    await trx.updateTable('group_members').set({ role: 'owner' }).where('id', '=', heir.id).execute();
  }
  const data = { group_id: groupId, group_name, username: user.username, was: status };
  await tellInCharge(trx, { type: 'group_leave', groupId, data }, { doneBy: user.id }, now);
}

/** Uses group_members_active. */
const oldestMember = statement<[groupId: string, notUserId: string], { id: string }>(`
  select id from group_members where group_id = ? and status = 'active' and user_id <> ?
  order by role = 'admin' desc, joined_at, id limit 1`);
