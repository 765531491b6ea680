import { type KeyRow, listKeys } from '@mahilo/shared/accounts/keys';
import { isoTime } from '@mahilo/shared/clock';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { createKey, revokeKey, rotateKey } from './keys.ts';
import { CreatedKeyAnswer, Key, NewKeyBody, RotatedKey } from './schemas.ts';

export function registerKeys(app: App, deps: ApiDeps): void {
  app.post(
    '/auth/rotate-key',
    {
      ...requireUser,
      schema: {
        operationId: 'rotateKey',
        tags: ['Auth'],
        summary: 'Replace the API key that asks; it is dead at once',
        response: answers({ 200: RotatedKey }),
      },
    },
    async (request) => ({ api_key: await rotateKey(deps, userOf(request)) }),
  );

  app.get(
    '/auth/keys',
    {
      ...requireUser,
      schema: {
        operationId: 'listKeys',
        tags: ['Auth'],
        summary: 'My API keys',
        response: answers({ 200: Type.Array(Key) }),
      },
    },
    async (request) => {
      const caller = userOf(request);
      const keys = await listKeys(deps.db.kysely, caller.id);
      return keys.map((key) => ({
        ...toKey(key),
        ...(caller.session === null && key.id === caller.keyId && { current: true as const }),
      }));
    },
  );

  app.post(
    '/auth/keys',
    {
      ...requireUser,
      config: { stepUp: true },
      schema: {
        operationId: 'createKey',
        tags: ['Auth'],
        summary: 'Create another API key, for one agent or for reading, say',
        body: NewKeyBody,
        errors: ['CONNECTION_NOT_FOUND', 'STEP_UP_REQUIRED'],
        response: answers({ 201: CreatedKeyAnswer }),
      },
    },
    async (request, reply) => {
      const { row, apiKey } = await createKey(deps, userOf(request), request.body);
      return reply.status(201).send({ ...toKey(row), api_key: apiKey });
    },
  );

  app.delete(
    '/auth/keys/:id',
    {
      ...requireUser,
      config: { stepUp: true },
      schema: {
        operationId: 'revokeKey',
        tags: ['Auth'],
        summary: 'Revoke one of my API keys; it is dead at once',
        params: IdParams,
        errors: ['NOT_FOUND', 'STEP_UP_REQUIRED'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await revokeKey(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

function toKey(row: Omit<KeyRow, 'hash'>) {
  return {
    id: row.id,
    name: row.name,
    scope: row.scope,
    created_at: isoTime(row.created_at),
    last_used_at: row.last_used_at === null ? null : isoTime(row.last_used_at),
    ...(row.connection_id !== null && { connection_id: row.connection_id }),
    ...(row.expires_at !== null && { expires_at: isoTime(row.expires_at) }),
  };
}
