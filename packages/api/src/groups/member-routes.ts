import { isoTime } from '@mahilo/shared/clock';
import { publicKeysShown } from '../agents/public-keys.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { sendWhole } from '../http/whole-list.ts';
import { noSuchGroup } from './authorize.ts';
import { invite, joinGroup } from './join.ts';
import { leaveGroup, removeMember } from './leave.ts';
import { findMembership, type ListedMember, listMembers } from './members.ts';
import { connectionsReached, type ReachedConnection } from './reached.ts';
import { changeRole } from './roles.ts';
import {
  ChangedRole,
  Invitation,
  JoinAnswer,
  Left,
  Member,
  MemberParams,
  MembersQuery,
  RoleBody,
  UsernameBody,
} from './schemas.ts';

/** A group's members: what each of them may do, and what the owner and the admins may do. */
export function registerMembers(app: App, deps: ApiDeps): void {
  registerOwnMembership(app, deps);
  registerOthers(app, deps);
}

function registerOwnMembership(app: App, deps: ApiDeps): void {
  const { db } = deps;

  app.get(
    '/groups/:id/members',
    {
      ...requireUser,
      schema: {
        operationId: 'listMembers',
        tags: ['Groups'],
        summary: 'The members of one of my groups, and who is invited',
        params: IdParams,
        querystring: MembersQuery,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Type.Array(Member) }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const userId = userOf(request).id;
      const own = await findMembership(db.kysely, id, userId);
      if (own === undefined) throw noSuchGroup();
      const isMember = own.status === 'active';
      const rows = await sendWhole(request, reply, request.query, async (piece) => {
        const members = await listMembers(db.kysely, id, piece);
        return isMember ? withConnections(db.kysely, userId, members) : members;
      });
      return rows.map((row) => toMember(row, isMember));
    },
  );

  app.post(
    '/groups/:id/join',
    {
      ...requireUser,
      schema: {
        operationId: 'joinGroup',
        tags: ['Groups'],
        summary: 'Join an open group, or one that invited me',
        params: IdParams,
        errors: ['NOT_FOUND', 'ALREADY_MEMBER', 'INVITE_REQUIRED', 'GROUP_FULL'],
        response: answers({ 200: JoinAnswer }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const { name, role } = await joinGroup(deps, userOf(request), id);
      return { group_id: id, id, name, status: 'active' as const, role };
    },
  );

  app.delete(
    '/groups/:id/leave',
    {
      ...requireUser,
      schema: {
        operationId: 'leaveGroup',
        tags: ['Groups'],
        summary: 'Leave a group, or decline its invitation; the last member out deletes it',
        params: IdParams,
        errors: ['NOT_FOUND', 'OWNER_CANNOT_LEAVE'],
        response: answers({ 200: Left }),
      },
    },
    async (request) => {
      const isDeleted = await leaveGroup(deps, userOf(request), request.params.id);
      return { success: true as const, ...(isDeleted && { group_deleted: true as const }) };
    },
  );
}

function registerOthers(app: App, deps: ApiDeps): void {
  app.post(
    '/groups/:id/invite',
    {
      ...requireUser,
      schema: {
        operationId: 'inviteMember',
        tags: ['Groups'],
        summary: 'Invite somebody, as owner or admin',
        params: IdParams,
        body: UsernameBody,
        errors: ['NOT_FOUND', 'FORBIDDEN', 'USER_NOT_FOUND', 'ALREADY_MEMBER', 'ALREADY_INVITED', 'BLOCKED'],
        response: answers({ 201: Invitation }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { membershipId, invitee } = await invite(deps, userOf(request), id, request.body.username);
      return reply.status(201).send({
        membership_id: membershipId,
        group_id: id,
        user_id: invitee.id,
        username: invitee.username,
        status: 'invited' as const,
      });
    },
  );

  app.patch(
    '/groups/:id/members/:username',
    {
      ...requireUser,
      schema: {
        operationId: 'changeMember',
        tags: ['Groups'],
        summary: 'Make a member of my group an admin, or an admin a member',
        params: MemberParams,
        body: RoleBody,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: ChangedRole }),
      },
    },
    async (request) => {
      const { id, username } = request.params;
      const { role } = request.body;
      const { member, name } = await changeRole(deps, userOf(request), id, username, role);
      const { id: membership_id, user_id, status } = member;
      return { membership_id, user_id, username: name, role, status };
    },
  );

  app.delete(
    '/groups/:id/members/:username',
    {
      ...requireUser,
      schema: {
        operationId: 'removeMember',
        tags: ['Groups'],
        summary: 'Remove a member or an invitation, as owner or admin',
        params: MemberParams,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const { id, username } = request.params;
      await removeMember(deps, userOf(request), id, username);
      return { success: true as const };
    },
  );
}

/** Adds to active members the connection that a message of this user to the group reaches. */
async function withConnections(
  db: ApiDeps['db']['kysely'],
  userId: string,
  members: readonly ListedMember[],
) {
  const active = members.filter(({ status }) => status === 'active').map(({ user_id }) => user_id);
  const reached = await connectionsReached(db, JSON.stringify(active), userId, userId);
  const byUser = new Map(reached.map((connection) => [connection.user_id, connection]));
  return members.map((member) => ({ ...member, reached: byUser.get(member.user_id) }));
}

/** Members see each other's display names, and the agents that messages reach. Invited people see neither and show neither. */
function toMember(row: ListedMember & { reached?: ReachedConnection | undefined }, mayShowNames: boolean) {
  return {
    membership_id: row.id,
    user_id: row.user_id,
    username: row.username,
    display_name: (mayShowNames && row.status === 'active' ? row.display_name : null) ?? undefined,
    role: row.role,
    status: row.status,
    joined_at: row.joined_at === null ? undefined : isoTime(row.joined_at),
    ...(row.reached && { connection_id: row.reached.connection_id, ...publicKeysShown(row.reached) }),
  };
}
