import { findProfile, setDisplayName } from '@mahilo/shared/accounts/users';
import type { ApiDeps, App } from '../deps.ts';
import { answers, Success } from '../http/fields.ts';
import { requireUser, userOf } from './authenticate.ts';
import { deleteAccount } from './delete-account.ts';
import { registerPerson } from './register-person.ts';
import { RegistrationQuota } from './registration-quota.ts';
import { Me, MeChangesBody, RegisterBody, Registered } from './schemas.ts';
import { toMe } from './to-me.ts';

export function registerAuth(app: App, deps: ApiDeps): void {
  const { db } = deps;
  const quota = new RegistrationQuota(deps);
  app.post(
    '/auth/register',
    {
      schema: {
        operationId: 'register',
        tags: ['Auth'],
        summary: 'Register a person and get an API key',
        security: [],
        body: RegisterBody,
        errors: [
          'INVALID_USERNAME',
          'INVALID_INVITE_TOKEN',
          'INVITE_TOKEN_EXHAUSTED',
          'REGISTRATION_CLOSED',
          'USERNAME_EXISTS',
        ],
        response: answers({ 201: Registered }),
      },
    },
    async (request, reply) => {
      const registered = await quota.take(request.client, () => registerPerson(deps, request.body));
      return reply.status(201).send(registered);
    },
  );

  app.get(
    '/auth/me',
    {
      ...requireUser,
      schema: {
        operationId: 'getProfile',
        tags: ['Auth'],
        summary: 'Who am I',
        response: answers({ 200: Me }),
      },
    },
    async (request) => toMe(userOf(request), await findProfile(db.kysely, userOf(request).id)),
  );

  app.patch(
    '/auth/me',
    {
      ...requireUser,
      schema: {
        operationId: 'changeProfile',
        tags: ['Auth'],
        summary: 'Change my display name',
        body: MeChangesBody,
        response: answers({ 200: Me }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      const { display_name } = request.body;
      await db.write(caller, (trx) => setDisplayName(trx, caller.id, display_name));
      return toMe(caller, await findProfile(db.kysely, caller.id));
    },
  );

  registerDeletion(app, deps);
}

function registerDeletion(app: App, deps: ApiDeps): void {
  app.delete(
    '/auth/me',
    {
      ...requireUser,
      config: { stepUp: true },
      schema: {
        operationId: 'deleteAccount',
        tags: ['Auth'],
        summary: 'Delete my account, for good; nobody is ever given its name again',
        errors: ['STEP_UP_REQUIRED'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await deleteAccount(deps, userOf(request));
      return { success: true as const };
    },
  );
}
