import { listConnections } from '../agents/connections.ts';
import { ContactConnection } from '../agents/schemas.ts';
import { toContact } from '../agents/to-agent.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import type { Page } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { sendWhole } from '../http/whole-list.ts';
import { acceptFriend, blockFriend, blockUser, rejectFriend, removeFriend } from './change-friendship.ts';
import { friendNamed } from './contacts.ts';
import { registerFriendLinks } from './link-routes.ts';
import { listFriends } from './list-friends.ts';
import { idOfAnybody } from './other-user.ts';
import { requestFriendship } from './request-friendship.ts';
import { registerRoles } from './role-routes.ts';
import { ContactsQuery, Friend, Friendship, FriendsQuery, RequestBody, UsernameParams } from './schemas.ts';
import { toFriend } from './to-friend.ts';

export function registerFriends(app: App, deps: ApiDeps): void {
  registerRequests(app, deps);
  registerLists(app, deps);
  registerRoles(app, deps);
  registerFriendLinks(app, deps);
}

function registerRequests(app: App, deps: ApiDeps): void {
  app.post(
    '/friends/request',
    {
      ...requireUser,
      schema: {
        operationId: 'requestFriend',
        tags: ['Friends'],
        summary: 'Ask somebody for their friendship; if they had asked first, accept',
        body: RequestBody,
        errors: ['USER_NOT_FOUND', 'BLOCKED', 'ALREADY_FRIENDS', 'REQUEST_EXISTS'],
        response: answers({ 200: Friendship, 201: Friendship }),
      },
    },
    async (request, reply) => {
      const { friendshipId, status } = await requestFriendship(deps, userOf(request), request.body.username);
      return reply.status(status === 'accepted' ? 200 : 201).send({ friendship_id: friendshipId, status });
    },
  );

  app.post(
    '/friends/:id/accept',
    {
      ...requireUser,
      schema: {
        operationId: 'acceptFriend',
        tags: ['Friends'],
        summary: 'Accept a request that I was sent',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Friendship }),
      },
    },
    async (request) => {
      const { id } = request.params;
      await acceptFriend(deps, userOf(request), id);
      return { friendship_id: id, status: 'accepted' as const };
    },
  );

  app.post(
    '/friends/:id/reject',
    {
      ...requireUser,
      schema: {
        operationId: 'rejectFriend',
        tags: ['Friends'],
        summary: 'Reject a request that I was sent, or withdraw one of mine',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await rejectFriend(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );

  app.post(
    '/friends/block',
    {
      ...requireUser,
      schema: {
        operationId: 'blockUser',
        tags: ['Friends'],
        summary: 'Block somebody by name, whoever has asked whom, or nobody',
        body: RequestBody,
        errors: ['USER_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await blockUser(deps, userOf(request), request.body.username);
      return { success: true as const };
    },
  );

  app.post(
    '/friends/:id/block',
    {
      ...requireUser,
      schema: {
        operationId: 'blockFriend',
        tags: ['Friends'],
        summary: 'Block: no requests and no messages in either direction until I remove it',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await blockFriend(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );

  app.delete(
    '/friends/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'removeFriend',
        tags: ['Friends'],
        summary: 'End a friendship, withdraw a request, or lift my own block',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await removeFriend(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

function registerLists(app: App, { db }: ApiDeps): void {
  app.get(
    '/friends',
    {
      ...requireUser,
      schema: {
        operationId: 'listFriends',
        tags: ['Friends'],
        summary: 'My friends, requests or blocks',
        querystring: FriendsQuery,
        response: answers({ 200: Type.Array(Friend) }),
      },
    },
    async (request, reply) => {
      const userId = userOf(request).id;
      const { status = 'accepted', direction, with: typed } = request.query;
      const otherId = typed === undefined ? undefined : await idOfAnybody(db.kysely, typed);
      // Nobody is called that: as whoever is no friend.
      if (typed !== undefined && otherId === undefined) return [];
      const read = (piece: Page) => listFriends(db.kysely, userId, { status, direction, otherId }, piece);
      const rows = await sendWhole(request, reply, request.query, read);
      return rows.map((row) => ({ ...toFriend(row, userId), roles: row.roles }));
    },
  );

  app.get(
    '/contacts/:username/connections',
    {
      ...requireUser,
      schema: {
        operationId: 'listContacts',
        tags: ['Friends'],
        summary: 'The active agent connections of a friend',
        params: UsernameParams,
        querystring: ContactsQuery,
        errors: ['USER_NOT_FOUND', 'NOT_FRIENDS'],
        response: answers({ 200: Type.Array(ContactConnection) }),
      },
    },
    async (request, reply) => {
      const friend = await friendNamed(db.kysely, userOf(request).id, request.params.username);
      const read = (piece: Page) => listConnections(db.kysely, friend.id, piece, 'friends');
      const rows = await sendWhole(request, reply, request.query, read);
      return rows.map(toContact);
    },
  );
}
