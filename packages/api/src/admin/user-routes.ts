import { type ListedUser, listUsers } from '@mahilo/operator/accounts/list-users';
import { normalizeUsername } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import { invalidField } from '@mahilo/shared/errors';
import type { Static } from 'typebox';
import type { Limits } from '../bounds/limits.ts';
import { toLimit } from '../bounds/routes.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { sendPage } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { operatorOf } from './operator.ts';
import { OPERATOR, REFUSALS, STEP_UP_REFUSALS } from './route-options.ts';
import {
  ChangeUserBody,
  CreatedUser,
  NewKeyOfUser,
  NewUserBody,
  SignInLink,
  User,
  UserDetails,
  UsersQuery,
} from './user-schemas.ts';
import { createUser, deleteUser, existingUser, giveLink, resetKey, setDisabled } from './users.ts';

/** The people of the registry. */
export function registerUsers(app: App, deps: ApiDeps, limits: Limits): void {
  const { db } = deps;
  app.get(
    '/users',
    {
      schema: {
        ...OPERATOR,
        operationId: 'listUsers',
        summary: 'Users by name, or those whose names begin with something',
        querystring: UsersQuery,
        errors: REFUSALS,
        response: answers({ 200: Type.Array(User) }),
      },
    },
    async (request, reply) => {
      const { q, limit = 50, cursor, disabled = false } = request.query;
      const rows = await listUsers(db.kysely, {
        prefix: q?.toLowerCase(),
        after: cursor === undefined ? undefined : nameIn(cursor),
        limit: limit + 1,
        disabledOnly: disabled,
      });
      return sendPage(request, reply, { limit, after: undefined }, rows, ({ username }) => username).map(
        toUser,
      );
    },
  );

  app.get(
    '/users/:id',
    {
      schema: {
        ...OPERATOR,
        operationId: 'getUser',
        summary: 'One user, and how much they have of everything that is bounded',
        params: IdParams,
        errors: [...REFUSALS, 'USER_NOT_FOUND'],
        response: answers({ 200: UserDetails }),
      },
    },
    async (request) => {
      const user = await existingUser(db.kysely, request.params.id);
      return {
        user_id: user.id,
        username: user.username,
        ...(user.display_name !== null && { display_name: user.display_name }),
        created_at: isoTime(user.created_at),
        ...(user.disabled_at !== null && { disabled_at: isoTime(user.disabled_at) }),
        ...(user.operator_since !== null && { operator_since: isoTime(user.operator_since) }),
        limits: (await limits.of(user.id)).map(toLimit),
      };
    },
  );
  registerChanges(app, deps);
}

function registerChanges(app: App, deps: ApiDeps): void {
  app.post(
    '/users',
    {
      config: { stepUp: true },
      schema: {
        ...OPERATOR,
        operationId: 'createUser',
        summary: 'Register somebody, who signs in with the link that the answer has',
        body: NewUserBody,
        errors: [...STEP_UP_REFUSALS, 'INVALID_USERNAME', 'USERNAME_EXISTS'],
        response: answers({ 201: CreatedUser }),
      },
    },
    async (request, reply) => {
      const { userId, username, ...link } = await createUser(deps, operatorOf(request), request.body);
      return reply.status(201).send({ user_id: userId, username, ...toLink(link) });
    },
  );

  app.patch(
    '/users/:id',
    {
      schema: {
        ...OPERATOR,
        operationId: 'changeUser',
        summary: 'Shut a user out at once, or let them in again',
        params: IdParams,
        body: ChangeUserBody,
        errors: [...REFUSALS, 'USER_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await setDisabled(deps, operatorOf(request), request.params.id, request.body);
      return { success: true as const };
    },
  );

  app.post(
    '/users/:id/reset-key',
    {
      config: { stepUp: true },
      schema: {
        ...OPERATOR,
        operationId: 'resetKeyOfUser',
        summary: 'Give a user a new API key; all others are dead at once, and they are signed out everywhere',
        params: IdParams,
        errors: [...STEP_UP_REFUSALS, 'USER_NOT_FOUND'],
        response: answers({ 200: NewKeyOfUser }),
      },
    },
    async (request) => ({ api_key: await resetKey(deps, operatorOf(request), request.params.id) }),
  );

  app.post(
    '/users/:id/sign-in-link',
    {
      config: { stepUp: true },
      schema: {
        ...OPERATOR,
        operationId: 'giveSignInLink',
        summary: 'A link with which a user signs in at a browser, once and within 15 minutes',
        params: IdParams,
        errors: [...STEP_UP_REFUSALS, 'USER_NOT_FOUND'],
        response: answers({ 201: SignInLink }),
      },
    },
    async (request, reply) => {
      const link = await giveLink(deps, operatorOf(request), request.params.id);
      return reply.status(201).send(toLink(link));
    },
  );

  app.delete(
    '/users/:id',
    {
      config: { stepUp: true },
      schema: {
        ...OPERATOR,
        operationId: 'removeUser',
        summary: 'End an account for good; nobody is ever given its name again',
        params: IdParams,
        errors: [...STEP_UP_REFUSALS, 'USER_NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await deleteUser(deps, operatorOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

/** The name that a cursor of this list has. @throws MahiloError INVALID_REQUEST */
function nameIn(cursor: string): string {
  const name = normalizeUsername(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (name === undefined) throw invalidField('cursor', 'is not one that this list gave out');
  return name;
}

function toLink({ token, expiresAt }: { token: string; expiresAt: number }) {
  return { link_token: token, expires_at: isoTime(expiresAt) };
}

function toUser({ id, username, display_name, agents, ...times }: ListedUser): Static<typeof User> {
  const { created_at, disabled_at, deleted_at, operator_since } = times;
  return {
    user_id: id,
    username,
    ...(display_name !== null && { display_name }),
    agents,
    created_at: isoTime(created_at),
    ...(disabled_at !== null && { disabled_at: isoTime(disabled_at) }),
    ...(deleted_at !== null && { deleted_at: isoTime(deleted_at) }),
    ...(operator_since !== null && { operator_since: isoTime(operator_since) }),
  };
}
