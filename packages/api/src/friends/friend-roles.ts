import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { eachOf } from '@mahilo/shared/db/words/rows';
import { MahiloError } from '@mahilo/shared/errors';
import { type Kysely, sql } from 'kysely';
import type { Caller } from '../access/caller.ts';
import type { ApiDeps } from '../deps.ts';
import { findOwnFriendship } from './friendships.ts';
import { isRole } from './system-roles.ts';

/** Gives a friend a role; only the user's own policies ask for it. @throws MahiloError NOT_FOUND, INVALID_ROLE */
export async function giveRole({ db }: ApiDeps, owner: Caller, friendshipId: string, role: string) {
  assertRole(role);
  await db.write(owner, async (trx) => {
    await assertOwnFriendship(trx, owner.id, friendshipId);
    await insertRole(trx, friendshipId, owner.id, role);
  });
}

/** Takes a role away again. @throws MahiloError NOT_FOUND */
export async function takeRole({ db }: ApiDeps, owner: Caller, friendshipId: string, role: string) {
  await db.write(owner, async (trx) => {
    const [taken] = await deleteRole(trx, friendshipId, owner.id, role);
    if (taken === undefined) {
      throw new MahiloError('NOT_FOUND', 'You have no such friendship, or have not given it this role.');
    }
  });
}

/** The roles that a user has given to a friend. @throws MahiloError NOT_FOUND */
export async function rolesOwn(db: Kysely<Schema>, ownerId: string, friendshipId: string): Promise<string[]> {
  await assertOwnFriendship(db, ownerId, friendshipId);
  return (await rolesOf(db, ownerId, [friendshipId])).get(friendshipId) ?? [];
}

/** The roles that a user has given to somebody, by their id: none to who is no friend. Uses friendships_by_pair and the primary key. */
export async function rolesGiven(db: Kysely<Schema>, ownerId: string, userId: string): Promise<string[]> {
  const [one, other] = ownerId < userId ? [ownerId, userId] : [userId, ownerId];
  return (await rolesOfPair(db, one, other, ownerId)).map(({ role }) => role);
}

/** The roles that a user has given, by the ids of their friendships. Uses the primary key. */
export async function rolesOf(
  db: Kysely<Schema>,
  ownerId: string,
  friendshipIds: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ friendship_id: string; role: string }>`
    select friendship_id, role from ${eachOf(friendshipIds)}
    join friend_roles on friendship_id = value and owner_id = ${ownerId}
  `.execute(db);
  const roles = new Map<string, string[]>();
  for (const { friendship_id, role } of rows) {
    roles.set(friendship_id, [...(roles.get(friendship_id) ?? []), role]);
  }
  return roles;
}

/** @throws MahiloError INVALID_ROLE */
export function assertRole(role: string): void {
  if (isRole(role)) return;
  throw new MahiloError('INVALID_ROLE', `There is no such role; GET /roles lists them.`);
}

async function assertOwnFriendship(db: Kysely<Schema>, userId: string, id: string): Promise<void> {
  if ((await findOwnFriendship(db, userId, id)) !== undefined) return;
  throw new MahiloError('NOT_FOUND', 'You have no friendship or request with this id.');
}

const rolesOfPair = statement<[userA: string, userB: string, ownerId: string], { role: string }>(`
  select role from friendships join friend_roles on friendship_id = friendships.id
  where user_a = ? and user_b = ? and friendships.status = 'accepted' and owner_id = ?`);

/** Uses the primary keys. */
const insertRole = statement<[friendshipId: string, ownerId: string, role: string]>(`
  insert into friend_roles (friendship_id, owner_id, role) values (?, ?, ?) on conflict do nothing`);

/** Uses the primary key. */
const deleteRole = statement<[friendshipId: string, ownerId: string, role: string], { role: string }>(`
  delete from friend_roles where friendship_id = ? and owner_id = ? and role = ? returning role`);
