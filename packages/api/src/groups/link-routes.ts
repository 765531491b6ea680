import { isoTime } from '@mahilo/shared/clock';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { tokenLink } from '../http/token-link.ts';
import { Type } from '../http/type.ts';
import { createLink, type GroupLink, joinByLink, listLinks, readLink, withdrawLink } from './group-links.ts';
import {
  CreatedGroupLink,
  GroupLinkAnswer,
  GroupLinkParams,
  GroupLinkShown,
  NewGroupLinkBody,
  PAGE,
  TokenBody,
} from './link-schemas.ts';
import { JoinAnswer } from './schemas.ts';

/** Links that are listed at once. */
const MOST = 1000;

/** Links that make members of people whose names those in charge of a group need not know. */
export function registerGroupLinks(app: App, deps: ApiDeps): void {
  registerOwnLinks(app, deps);
  registerTokens(app, deps);
}

function registerOwnLinks(app: App, deps: ApiDeps): void {
  const { settings } = deps;

  app.post(
    '/groups/:id/links',
    {
      ...requireUser,
      schema: {
        operationId: 'createGroupLink',
        tags: ['Groups'],
        summary: 'Make a link that makes whoever opens it a member, as owner or admin',
        params: IdParams,
        body: NewGroupLinkBody,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 201: CreatedGroupLink }),
      },
    },
    async (request, reply) => {
      const { max_uses = 1 } = request.body;
      const { token, ...link } = await createLink(deps, userOf(request), request.params.id, max_uses);
      return reply.status(201).send({ ...toLink(link), ...tokenLink(settings, request, PAGE, token) });
    },
  );

  app.get(
    '/groups/:id/links',
    {
      ...requireUser,
      schema: {
        operationId: 'listGroupLinks',
        tags: ['Groups'],
        summary: 'The links to a group that can be used, without their tokens, for owner and admins',
        params: IdParams,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: Type.Array(GroupLinkAnswer) }),
      },
    },
    async (request) => (await listLinks(deps, userOf(request), request.params.id, MOST)).map(toLink),
  );

  app.delete(
    '/groups/:id/links/:link_id',
    {
      ...requireUser,
      schema: {
        operationId: 'withdrawGroupLink',
        tags: ['Groups'],
        summary: 'Withdraw a link to a group, as owner or admin',
        params: GroupLinkParams,
        errors: ['NOT_FOUND', 'FORBIDDEN'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const { id, link_id } = request.params;
      await withdrawLink(deps, userOf(request), id, link_id);
      return { success: true as const };
    },
  );
}

/** The token is in the body: paths stand in the logs of whatever lies in between. */
function registerTokens(app: App, deps: ApiDeps): void {
  app.post(
    '/groups/links/read',
    {
      ...requireUser,
      schema: {
        operationId: 'readGroupLink',
        tags: ['Groups'],
        summary: 'Which group a link leads to, and whose it is',
        body: TokenBody,
        errors: ['INVALID_GROUP_LINK'],
        response: answers({ 200: GroupLinkShown }),
      },
    },
    async (request) => {
      const link = await readLink(deps.db.kysely, request.body.token, deps.clock.now());
      return { group_name: link.group_name, made_by: link.maker, expires_at: isoTime(link.expires_at) };
    },
  );

  app.post(
    '/groups/links/join',
    {
      ...requireUser,
      schema: {
        operationId: 'joinByGroupLink',
        tags: ['Groups'],
        summary: 'Join the group that a link leads to; this takes one of its uses',
        body: TokenBody,
        errors: ['INVALID_GROUP_LINK', 'ALREADY_MEMBER', 'BLOCKED', 'GROUP_FULL'],
        response: answers({ 200: JoinAnswer }),
      },
    },
    async (request) => {
      const { groupId, name, role } = await joinByLink(deps, userOf(request), request.body.token);
      return { group_id: groupId, id: groupId, name, status: 'active' as const, role };
    },
  );
}

function toLink({ id, username, uses_left, created_at, expires_at }: GroupLink) {
  return {
    id,
    made_by: username,
    uses_left,
    created_at: isoTime(created_at),
    expires_at: isoTime(expires_at),
  };
}
