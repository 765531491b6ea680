import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { giveRole, rolesOwn, takeRole } from './friend-roles.ts';
import { GivenRole, RoleBody, RoleNames, RoleParams, Roles, RolesQuery } from './role-schemas.ts';
import { SYSTEM_ROLES } from './system-roles.ts';

const ALL = Object.entries(SYSTEM_ROLES).map(([name, description]) => ({
  name,
  description,
  is_system: true as const,
}));

/** Roles: what a user calls a friend. The friend does not see it and has no part in it. */
export function registerRoles(app: App, deps: ApiDeps): void {
  app.get(
    '/roles',
    {
      ...requireUser,
      schema: {
        operationId: 'listRoles',
        tags: ['Friends'],
        summary: 'The roles that I can give to friends',
        querystring: RolesQuery,
        response: answers({ 200: Roles }),
      },
    },
    // Nobody has roles of their own yet.
    (request) => ({ roles: request.query.type === 'custom' ? [] : ALL }),
  );

  app.get(
    '/friends/:id/roles',
    {
      ...requireUser,
      schema: {
        operationId: 'listFriendRoles',
        tags: ['Friends'],
        summary: 'The roles that I have given to a friend',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: RoleNames }),
      },
    },
    async (request) => ({
      roles: await rolesOwn(deps.db.kysely, userOf(request).id, request.params.id),
    }),
  );

  app.post(
    '/friends/:id/roles',
    {
      ...requireUser,
      schema: {
        operationId: 'giveFriendRole',
        tags: ['Friends'],
        summary: 'Give a friend a role, which my policies can ask for',
        params: IdParams,
        body: RoleBody,
        errors: ['INVALID_ROLE', 'NOT_FOUND'],
        response: answers({ 200: GivenRole }),
      },
    },
    async (request) => {
      const { role } = request.body;
      await giveRole(deps, userOf(request), request.params.id, role);
      return { success: true as const, role };
    },
  );

  app.delete(
    '/friends/:id/roles/:role',
    {
      ...requireUser,
      schema: {
        operationId: 'takeFriendRole',
        tags: ['Friends'],
        summary: 'Take a role away from a friend',
        params: RoleParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const { id, role } = request.params;
      await takeRole(deps, userOf(request), id, role);
      return { success: true as const };
    },
  );
}
