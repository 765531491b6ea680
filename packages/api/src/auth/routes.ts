import { giveNewKey } from '@mahilo/shared/accounts/register-user';
import { findProfile } from '@mahilo/shared/accounts/users';
import { isoTime } from '@mahilo/shared/clock';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { requireUser, userOf } from './authenticate.ts';
import { registerPerson } from './register.ts';
import { RegistrationQuota } from './registration-quota.ts';
import { Me, RegisterBody, Registered, RotatedKey } from './schemas.ts';

/** Of a registration, as JSON. */
const MAX_BODY_BYTES = 32_768;

export function registerAuth(app: App, deps: ApiDeps): void {
  const { db, clock } = deps;
  const quota = new RegistrationQuota(deps);
  app.post(
    '/auth/register',
    {
      // Anybody can send one: what they may make this process hold is little.
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        tags: ['Auth'],
        summary: 'Register a person and get an API key',
        security: [],
        body: RegisterBody,
        response: answers({ 201: Registered }),
      },
    },
    async (request, reply) => {
      const registered = await quota.take(request.client, () => registerPerson(deps, request.body));
      return reply.status(201).send(registered);
    },
  );

  app.post(
    '/auth/rotate-key',
    {
      ...requireUser,
      schema: {
        tags: ['Auth'],
        summary: 'Replace the API key; the old one is dead at once',
        response: answers({ 200: RotatedKey }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      return {
        api_key: await db.write(caller, (trx) => giveNewKey(trx, deps, caller.id, clock.now())),
      };
    },
  );

  app.get(
    '/auth/me',
    { ...requireUser, schema: { tags: ['Auth'], summary: 'Who am I', response: answers({ 200: Me }) } },
    async (request) => {
      const profile = await findProfile(db.kysely, userOf(request).id);
      return {
        user_id: profile.id,
        username: profile.username,
        display_name: profile.display_name ?? undefined,
        created_at: isoTime(profile.created_at),
      };
    },
  );
}
