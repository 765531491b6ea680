import { isoTime } from '@mahilo/shared/clock';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { tokenLink } from '../http/token-link.ts';
import { Type } from '../http/type.ts';
import {
  acceptLink,
  createLink,
  type FriendLink,
  listLinks,
  readLink,
  withdrawLink,
} from './friend-links.ts';
import {
  CreatedLink,
  FriendLinkAnswer,
  LinkedFriend,
  LinkMaker,
  PAGE,
  TokenAsId,
  TokenParams,
} from './link-schemas.ts';

/** Links that make friends of two people who need not know what they are called here. */
export function registerFriendLinks(app: App, deps: ApiDeps): void {
  registerOwnLinks(app, deps);
  registerTokens(app, deps);
}

function registerOwnLinks(app: App, deps: ApiDeps): void {
  const { db, clock, settings } = deps;

  app.post(
    '/friends/links',
    {
      ...requireUser,
      schema: {
        operationId: 'createFriendLink',
        tags: ['Friends'],
        summary: 'Make a link that makes a friend of whoever opens it, once',
        response: answers({ 201: CreatedLink }),
      },
    },
    async (request, reply) => {
      const { token, ...link } = await createLink(deps, userOf(request));
      return reply.status(201).send({ ...toLink(link), ...tokenLink(settings, request, PAGE, token) });
    },
  );

  app.get(
    '/friends/links',
    {
      ...requireUser,
      schema: {
        operationId: 'listFriendLinks',
        tags: ['Friends'],
        summary: 'My links for friends that nobody has used, without their tokens',
        response: answers({ 200: Type.Array(FriendLinkAnswer) }),
      },
    },
    async (request) => (await listLinks(db.kysely, userOf(request).id, clock.now())).map(toLink),
  );

  app.delete(
    '/friends/links/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'withdrawFriendLink',
        tags: ['Friends'],
        summary: 'Withdraw a link of mine',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await withdrawLink(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

function registerTokens(app: App, deps: ApiDeps): void {
  app.get(
    // The document has one name for what stands in this place: see DELETE.
    '/friends/links/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'readFriendLink',
        tags: ['Friends'],
        summary: 'Whose friend a link makes me',
        params: TokenAsId,
        errors: ['INVALID_FRIEND_LINK'],
        response: answers({ 200: LinkMaker }),
      },
    },
    async (request) => {
      const link = await readLink(deps.db.kysely, request.params.id, deps.clock.now());
      return { username: link.username, expires_at: isoTime(link.expires_at) };
    },
  );

  app.post(
    '/friends/links/:token/accept',
    {
      ...requireUser,
      schema: {
        operationId: 'acceptFriendLink',
        tags: ['Friends'],
        summary: 'Become the friend of whoever made a link; this uses it up',
        params: TokenParams,
        errors: ['INVALID_FRIEND_LINK', 'BLOCKED', 'ALREADY_FRIENDS'],
        response: answers({ 200: LinkedFriend }),
      },
    },
    async (request) => {
      const { friendshipId, maker } = await acceptLink(deps, userOf(request), request.params.token);
      const { user_id, username } = maker;
      return { friendship_id: friendshipId, status: 'accepted' as const, user_id, username };
    },
  );
}

function toLink({ id, created_at, expires_at }: FriendLink) {
  return { id, created_at: isoTime(created_at), expires_at: isoTime(expires_at) };
}
