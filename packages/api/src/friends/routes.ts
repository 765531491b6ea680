import { findUser } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { appendEvents } from '@mahilo/shared/events/append';
import type { Selectable, Transaction } from 'kysely';
import { Type } from 'typebox';
import type { Caller } from '../access/caller.ts';
import { listConnections } from '../agents/connections.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import {
  acceptRequest,
  blockFriendship,
  findBetween,
  findOwnFriendship,
  listFriendships,
  removeFriendship,
} from './friendships.ts';
import { requestFriendship } from './request-friendship.ts';
import {
  ContactConnection,
  ContactsQuery,
  Friend,
  Friendship,
  FriendsQuery,
  RequestBody,
  UsernameParams,
} from './schemas.ts';

export function registerFriends(app: App, deps: ApiDeps): void {
  registerRequests(app, deps);
  registerLists(app, deps);
}

function registerRequests(app: App, deps: ApiDeps): void {
  const { db, clock } = deps;

  /** Runs a change of one of the user's own friendships; it answers false when that is not for this user to do. */
  const change = async (
    caller: Caller,
    id: string,
    apply: (
      trx: Transaction<Schema>,
      row: Selectable<Schema['friendships']>,
      now: number,
    ) => Promise<boolean>,
  ) => {
    await db.write(caller, async (trx) => {
      const row = await findOwnFriendship(trx, caller.id, id);
      if (row === undefined || !(await apply(trx, row, clock.now()))) {
        throw new MahiloError('NOT_FOUND', 'There is no such friendship or request for you to change.');
      }
    });
  };

  app.post(
    '/friends/request',
    {
      ...requireUser,
      schema: {
        tags: ['Friends'],
        summary: 'Ask somebody for their friendship; if they had asked first, accept',
        body: RequestBody,
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
        tags: ['Friends'],
        summary: 'Accept a request that I was sent',
        params: IdParams,
        response: answers({ 200: Friendship }),
      },
    },
    async (request) => {
      const user = userOf(request);
      const { id } = request.params;
      await change(user, id, async (trx, row, now) => {
        if (row.status !== 'pending' || row.requester_id === user.id) return false;
        await acceptRequest(trx, id, now);
        const data = { friendship_id: id, username: user.username };
        await appendEvents(trx, [{ userId: row.requester_id, type: 'friend_accepted', data }], now);
        return true;
      });
      return { friendship_id: id, status: 'accepted' as const };
    },
  );

  app.post(
    '/friends/:id/reject',
    {
      ...requireUser,
      schema: {
        tags: ['Friends'],
        summary: 'Reject a request that I was sent',
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const user = userOf(request);
      await change(user, request.params.id, async (trx, row) => {
        if (row.status !== 'pending' || row.requester_id === user.id) return false;
        return removeFriendship(trx, row, user.id);
      });
      return { success: true as const };
    },
  );

  app.post(
    '/friends/:id/block',
    {
      ...requireUser,
      schema: {
        tags: ['Friends'],
        summary: 'Block: no requests and no messages in either direction until I remove it',
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const user = userOf(request);
      await change(user, request.params.id, async (trx, row, now) => {
        await blockFriendship(trx, row, user.id, now);
        return true;
      });
      return { success: true as const };
    },
  );

  app.delete(
    '/friends/:id',
    {
      ...requireUser,
      schema: {
        tags: ['Friends'],
        summary: 'End a friendship, withdraw a request, or lift my own block',
        params: IdParams,
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      const user = userOf(request);
      await change(user, request.params.id, (trx, row) => removeFriendship(trx, row, user.id));
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
        tags: ['Friends'],
        summary: 'My friends, requests or blocks',
        querystring: FriendsQuery,
        response: answers({ 200: Type.Array(Friend) }),
      },
    },
    async (request, reply) => {
      const userId = userOf(request).id;
      const page = pageOf(request.query);
      const rows = await listFriendships(db.kysely, userId, request.query.status ?? 'accepted', page);
      const items = sendPage(request, reply, page, rows, (row) => row.id);
      return items.map((row) => ({
        id: row.id,
        username: row.username,
        display_name: row.display_name ?? undefined,
        status: row.status,
        direction: row.requester_id === userId ? ('sent' as const) : ('received' as const),
        since: isoTime(row.since),
      }));
    },
  );

  app.get(
    '/contacts/:username/connections',
    {
      ...requireUser,
      schema: {
        tags: ['Friends'],
        summary: 'The active agent connections of a friend',
        params: UsernameParams,
        querystring: ContactsQuery,
        response: answers({ 200: Type.Array(ContactConnection) }),
      },
    },
    async (request, reply) => {
      const other = await findUser(db.kysely, request.params.username);
      if (other === undefined)
        throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
      const friendship = await findBetween(db.kysely, userOf(request).id, other.id);
      if (friendship?.status !== 'accepted') throw new MahiloError('NOT_FRIENDS', 'You are not friends.');
      const page = pageOf(request.query);
      const rows = await listConnections(db.kysely, other.id, page, ['active']);
      const items = sendPage(request, reply, page, rows, (row) => row.id);
      return items.map((row) => ({
        id: row.id,
        framework: row.framework,
        label: row.label,
        description: row.description ?? undefined,
        capabilities: JSON.parse(row.capabilities_json),
        routing_priority: row.routing_priority,
        public_key: row.public_key ?? undefined,
        public_key_alg: row.public_key_alg ?? undefined,
        status: 'active' as const,
      }));
    },
  );
}
