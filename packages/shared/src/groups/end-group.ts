import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { appendEvents } from '../events/append.ts';

/**
 * Ends a group. All members except the one who did it get an event. Its row stays for the history, with its name, and
 * what was sent before still arrives.
 */
export async function endGroup(
  trx: Transaction<Schema>,
  group: { id: string; name: string },
  doneBy: string | undefined,
  now: number,
): Promise<void> {
  const userIds = await deleteMemberships(trx, group.id);
  await deletePoliciesOfGroup(trx, group.id);
  await deleteLinksOfGroup(trx, group.id);
  await trx
    .updateTable('groups')
    .set({ deleted_at: now, description: null })
    .where('id', '=', group.id)
    .execute();
  const data = { group_id: group.id, group_name: group.name, group_deleted: true };
  const recipients = userIds.filter((userId) => userId !== doneBy);
  await appendEvents(
    trx,
    recipients.map((userId) => ({ userId, type: 'group_leave' as const, data })),
    now,
  );
}

/** Ends all memberships and invitations of a group. Uses group_members_by_group. @returns the ids of their users. */
export async function deleteMemberships(trx: Transaction<Schema>, groupId: string): Promise<string[]> {
  const rows = await trx
    .deleteFrom('group_members')
    .where('group_id', '=', groupId)
    .returning('user_id')
    .execute();
  return rows.map((row) => row.user_id);
}

/** Uses group_links_by_group. */
export async function deleteLinksOfGroup(trx: Transaction<Schema>, groupId: string): Promise<void> {
  await trx.deleteFrom('group_links').where('group_id', '=', groupId).execute();
}

/** Uses policies_by_group. */
export async function deletePoliciesOfGroup(trx: Transaction<Schema>, id: string): Promise<void> {
  // A literal, since SQLite uses no partial index when its condition is a parameter.
  const isOfGroup = sql<boolean>`scope = 'group'`;
  await trx.deleteFrom('policies').where(isOfGroup).where('target_id', '=', id).execute();
}
