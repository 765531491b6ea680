import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import { parseBearer } from './api-key.ts';
import type { KeyCache } from './key-cache.ts';
import type { User } from './users.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose API key came with the request; null when none did, or a wrong one. */
    user: User | null;
  }
}

/**
 * Finds out whose request it is, and lets everybody pass: routes that need a user say so with {@link requireUser}. So a
 * flood of bad keys costs one look-up each, and is counted by the rate limit before anything else is done for it.
 */
export function registerIdentify(app: App, keyCache: KeyCache): void {
  app.decorateRequest('user', null);
  app.addHook('onRequest', async (request) => {
    // What is not limited (health) must answer without the database.
    if (request.routeOptions.config?.rateLimit === false) return;
    const given = parseBearer(request.headers.authorization);
    if (given !== undefined) request.user = (await keyCache.userOf(given)) ?? null;
  });
}

/** Route option: refuses requests without a valid API key before their body is read. */
export const requireUser = {
  preParsing: async (request: FastifyRequest): Promise<undefined> => {
    userOf(request);
  },
};

/**
 * The user of a request.
 * @throws MahiloError UNAUTHORIZED
 */
export function userOf(request: FastifyRequest): User {
  if (request.user === null) throw new MahiloError('UNAUTHORIZED', 'A valid API key is needed.');
  return request.user;
}
