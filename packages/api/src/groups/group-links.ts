import { isToken, mintToken, tokenHash } from '@mahilo/shared/accounts/session-token';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { assertRoom } from '../bounds/quota.ts';
import type { ApiDeps } from '../deps.ts';
import { assertNotBlocked } from './assert-not-blocked.ts';
import { requireRole } from './authorize.ts';
import { enter, type Joined, tellJoined } from './join.ts';

/** How long (ms) a link can be used. */
const LINK_MS = 604_800_000;
const IN_CHARGE = ['owner', 'admin'] as const;

/** A link to a group, as those in charge of the group see it. */
export interface GroupLink {
  id: string;
  uses_left: number;
  created_at: number;
  expires_at: number;
  /** Who made it. */
  username: string;
}

/**
 * Makes a link, which makes as many people as it has uses members of a group.
 * @throws MahiloError NOT_FOUND, FORBIDDEN, QUOTA_EXCEEDED
 */
export async function createLink(
  deps: ApiDeps,
  user: Caller,
  groupId: string,
  uses: number,
): Promise<GroupLink & { token: string }> {
  const { db, clock, newId, random } = deps;
  const now = clock.now();
  const token = mintToken(random);
  const link = { id: newId('lnk'), uses_left: uses, created_at: now, expires_at: now + LINK_MS };
  await db.write(user, async (trx) => {
    await requireRole(trx, groupId, user.id, IN_CHARGE);
    await deleteExpired(trx, user.id, now);
    await assertRoom(deps, trx, 'group_links_per_user', user.id);
    await trx
      .insertInto('group_links')
      .values({ ...link, group_id: groupId, user_id: user.id, token_hash: tokenHash(token) })
      .execute();
  });
  return { ...link, username: user.username, token };
}

/** They make room for new ones, and nothing else finds them. Uses group_links_by_user. */
async function deleteExpired(trx: Transaction<Schema>, userId: string, now: number): Promise<void> {
  await trx.deleteFrom('group_links').where('user_id', '=', userId).where('expires_at', '<=', now).execute();
}

/** Links with whoever made them, who must still be in charge of the group, and may use the registry. */
function usable(db: Kysely<Schema>, now: number) {
  return db
    .selectFrom('group_links')
    .innerJoin('users', 'users.id', 'group_links.user_id')
    .innerJoin('group_members', (join) =>
      join
        .onRef('group_members.user_id', '=', 'group_links.user_id')
        .onRef('group_members.group_id', '=', 'group_links.group_id'),
    )
    .where('group_links.expires_at', '>', now)
    .where('users.disabled_at', 'is', null)
    .where('group_members.role', '<>', sql.lit('member'));
}

/**
 * The links to a group that can be used, newest first: those in charge have a bound each, and a page is no more than that.
 * Uses group_links_by_group.
 * @throws MahiloError NOT_FOUND, FORBIDDEN
 */
export async function listLinks(
  { db, clock }: ApiDeps,
  user: Caller,
  groupId: string,
  limit: number,
): Promise<GroupLink[]> {
  await requireRole(db.kysely, groupId, user.id, IN_CHARGE);
  return usable(db.kysely, clock.now())
    .select(['group_links.id', 'uses_left', 'group_links.created_at', 'expires_at', 'username'])
    .where('group_links.group_id', '=', groupId)
    .orderBy('group_links.id', 'desc')
    .limit(limit)
    .execute();
}

/** Withdraws a link to a group, whoever has made it. @throws MahiloError NOT_FOUND, FORBIDDEN */
export async function withdrawLink(
  { db }: ApiDeps,
  user: Caller,
  groupId: string,
  id: string,
): Promise<void> {
  await db.write(user, async (trx) => {
    await requireRole(trx, groupId, user.id, IN_CHARGE);
    const { numDeletedRows } = await trx
      .deleteFrom('group_links')
      .where('id', '=', id)
      .where('group_id', '=', groupId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new MahiloError('NOT_FOUND', 'The group has no link with this id.');
  });
}

/** Where a link leads, and who made it. */
export interface UsableLink {
  id: string;
  group_id: string;
  group_name: string;
  maker_id: string;
  maker: string;
  expires_at: number;
}

/** A link that can be used. Uses group_links_by_token. @throws MahiloError INVALID_GROUP_LINK */
export async function readLink(db: Kysely<Schema>, token: string, now: number): Promise<UsableLink> {
  const link = isToken(token)
    ? await usable(db, now)
        .innerJoin('groups', 'groups.id', 'group_links.group_id')
        .select([
          'group_links.id',
          'group_links.group_id',
          'groups.name as group_name',
          'users.id as maker_id',
          'username as maker',
          'expires_at',
        ])
        .where('token_hash', '=', tokenHash(token))
        .executeTakeFirst()
    : undefined;
  if (link !== undefined) return link;
  throw invalidLink();
}

function invalidLink(): MahiloError {
  return new MahiloError(
    'INVALID_GROUP_LINK',
    'This link was used, is older than seven days, was withdrawn, or never was one: ask for a new one.',
  );
}

/**
 * Makes the user a member of the group that a link leads to, and takes one of its uses; those in charge get an event. What
 * is refused leaves the link as it is.
 * @throws MahiloError INVALID_GROUP_LINK, ALREADY_MEMBER, BLOCKED, GROUP_FULL, QUOTA_EXCEEDED
 */
export async function joinByLink(
  deps: ApiDeps,
  user: Caller,
  token: string,
): Promise<Joined & { groupId: string }> {
  const { db, clock } = deps;
  const now = clock.now();
  return db.write(user, async (trx) => {
    const link = await readLink(trx, token, now);
    await assertNotBlocked(trx, link.maker_id, user.id);
    const group = { id: link.group_id, name: link.group_name };
    const role = await enter(deps, trx, user, { ...group, invite_only: 0 }, now);
    await takeUse(trx, link.id);
    await tellJoined(trx, user, group, role, now);
    return { groupId: group.id, name: group.name, role };
  });
}

/** Uses the primary key. @throws MahiloError INVALID_GROUP_LINK when somebody else was faster. */
async function takeUse(trx: Transaction<Schema>, id: string): Promise<void> {
  const link = await trx
    .updateTable('group_links')
    .set(({ eb }) => ({ uses_left: eb('uses_left', '-', 1) }))
    .where('id', '=', id)
    .where('uses_left', '>', 0)
    .returning('uses_left')
    .executeTakeFirst();
  if (link === undefined) throw invalidLink();
  if (link.uses_left === 0) await trx.deleteFrom('group_links').where('id', '=', id).execute();
}
