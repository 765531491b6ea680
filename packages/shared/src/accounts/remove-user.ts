import { sql, type Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { deleteLastDecisionsOfUser } from '../decisions/delete.ts';
import { handOn } from '../groups/hand-on.ts';
import { deleteSubscriptionsOfUser } from '../subscriptions/end.ts';
import { deleteKeysOfUser } from './keys.ts';
import type { User } from './users.ts';

/**
 * Ends an account: deletes its keys, agents, friendships, memberships, policies and decisions (of which
 * `deleteDecisionsOfUser` has deleted most), and hands on the groups it owns.
 * The row and the name stay, so that other people's history keeps the name and nobody else ever gets it.
 * @returns the connections whose deliveries are still to be cancelled; see `cancelDeliveries`.
 */
export async function removeUser(trx: Transaction<Schema>, user: User, now: number): Promise<string[]> {
  await trx
    .updateTable('users')
    .set({ display_name: null, deleted_at: now, disabled_at: now, operator_since: null })
    .where('id', '=', user.id)
    .execute();
  await deleteKeysOfUser(trx, user.id);
  await leaveGroups(trx, user, now);
  await deleteFriendships(trx, user.id);
  await deleteOwnPolicies(trx, user.id);
  await deleteLastDecisionsOfUser(trx, user.id);
  await deleteSubscriptionsOfUser(trx, user.id);
  return deleteConnections(trx, user.id);
}

/** Uses group_members_by_user. */
async function leaveGroups(trx: Transaction<Schema>, user: User, now: number): Promise<void> {
  const memberships = await trx
    .selectFrom('group_members')
    .innerJoin('groups', 'groups.id', 'group_members.group_id')
    .select(['group_members.id', 'group_id', 'groups.name as group_name', 'role', 'status'])
    .where('user_id', '=', user.id)
    .execute();
  for (const membership of memberships) await handOn(trx, user, membership, now);
}

/** Uses friendships_by_user_a and friendships_by_user_b. */
async function deleteFriendships(trx: Transaction<Schema>, userId: string): Promise<void> {
  for (const side of ['user_a', 'user_b'] as const) {
    await trx.deleteFrom('friendships').where(side, '=', userId).execute();
  }
}

/** Policies of a group stay: they belong to the group. Uses policies_by_user. */
async function deleteOwnPolicies(trx: Transaction<Schema>, userId: string): Promise<void> {
  await trx.deleteFrom('policies').where('user_id', '=', userId).where('scope', '<>', 'group').execute();
}

/** Uses connections_by_name. */
async function deleteConnections(trx: Transaction<Schema>, userId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update connections set status = 'deleted', callback_url = null, callback_secret = null, previous_secret = null,
      previous_secret_expires_at = null, callback_headers = null
    where user_id = ${userId} and status <> 'deleted'
    returning id
  `.execute(trx);
  return rows.map(({ id }) => id);
}
