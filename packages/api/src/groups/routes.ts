import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import type { Page } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { sendWhole } from '../http/whole-list.ts';
import { noSuchGroup } from './authorize.ts';
import { changeGroup } from './change-group.ts';
import { findOwnGroup, type ListedGroup, listGroups } from './groups.ts';
import { createGroup } from './join.ts';
import { deleteGroup } from './leave.ts';
import { registerGroupLinks } from './link-routes.ts';
import { registerMembers } from './member-routes.ts';
import { transferGroup } from './roles.ts';
import {
  CreatedGroup,
  GroupAnswer,
  GroupChangesBody,
  GroupsQuery,
  NewGroupBody,
  Transferred,
  UsernameBody,
} from './schemas.ts';
import { toGroup } from './to-group.ts';

export function registerGroups(app: App, deps: ApiDeps): void {
  registerLists(app, deps);
  registerOwnership(app, deps);
  registerChange(app, deps);
  registerMembers(app, deps);
  registerGroupLinks(app, deps);
}

function registerLists(app: App, { db }: ApiDeps): void {
  app.get(
    '/groups',
    {
      ...requireUser,
      schema: {
        operationId: 'listGroups',
        tags: ['Groups'],
        summary: 'The groups that I am a member of or invited to',
        querystring: GroupsQuery,
        response: answers({ 200: Type.Array(GroupAnswer) }),
      },
    },
    async (request, reply) => {
      const userId = userOf(request).id;
      const { status } = request.query;
      const read = (piece: Page) => listGroups(db.kysely, userId, status, piece);
      const members = ({ member_count }: ListedGroup) => member_count;
      return (await sendWhole(request, reply, request.query, read, members)).map(toGroup);
    },
  );

  app.get(
    '/groups/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'getGroup',
        tags: ['Groups'],
        summary: 'One of my groups',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: GroupAnswer }),
      },
    },
    async (request) => {
      const row = await findOwnGroup(db.kysely, userOf(request).id, request.params.id);
      if (row === undefined) throw noSuchGroup();
      return toGroup(row);
    },
  );
}

function registerOwnership(app: App, deps: ApiDeps): void {
  app.post(
    '/groups',
    {
      ...requireUser,
      schema: {
        operationId: 'createGroup',
        tags: ['Groups'],
        summary: 'Make a group, which is mine',
        body: NewGroupBody,
        errors: ['GROUP_EXISTS'],
        response: answers({ 201: CreatedGroup }),
      },
    },
    async (request, reply) => {
      const group_id = await createGroup(deps, userOf(request), request.body);
      const { name, description, invite_only = true } = request.body;
      return reply.status(201).send({
        group_id,
        id: group_id,
        name,
        ...(description !== undefined && { description }),
        invite_only,
        role: 'owner' as const,
      });
    },
  );

  app.post(
    '/groups/:id/transfer',
    {
      ...requireUser,
      schema: {
        operationId: 'transferGroup',
        tags: ['Groups'],
        summary: 'Hand my group to another member; I become a plain member',
        params: IdParams,
        body: UsernameBody,
        errors: ['NOT_FOUND', 'FORBIDDEN', 'USER_NOT_FOUND'],
        response: answers({ 200: Transferred }),
      },
    },
    async (request) => {
      const { id } = request.params;
      const newOwnerId = await transferGroup(deps, userOf(request), id, request.body.username);
      return { success: true as const, new_owner_user_id: newOwnerId };
    },
  );

  app.delete(
    '/groups/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'deleteGroup',
        tags: ['Groups'],
        summary: 'Delete my group; what was sent before still arrives',
        params: IdParams,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await deleteGroup(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

function registerChange(app: App, deps: ApiDeps): void {
  app.patch(
    '/groups/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'changeGroup',
        tags: ['Groups'],
        summary: 'Change what a group is for and who can join, as owner or admin; its name stays',
        params: IdParams,
        body: GroupChangesBody,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: GroupAnswer }),
      },
    },
    async (request) => toGroup(await changeGroup(deps, userOf(request), request.params.id, request.body)),
  );
}
