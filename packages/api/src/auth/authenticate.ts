import type { FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import { parseBearer } from './api-key.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { KeyCache } from './key-cache.ts';
import type { User } from './users.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose API key came with the request; null when none did, or a wrong one. */
    user: User | null;
  }
  interface FastifyInstance {
    failedLogins: FailedLogins;
  }
}

/**
 * Finds out whose request it is, and lets everybody pass: routes that need a user say so with {@link requireUser}. So a
 * flood of bad keys costs one look-up each, and is counted by the rate limit before anything else is done for it.
 */
export function registerIdentify(app: App, keyCache: KeyCache, failedLogins: FailedLogins): void {
  app.decorate('failedLogins', failedLogins);
  app.decorateRequest('user', null);
  app.addHook('onRequest', (request, _reply, done) => {
    // What is not limited (health) must answer without the database.
    const isFree = request.routeOptions.config?.rateLimit === false;
    const given = isFree ? undefined : parseBearer(request.headers.authorization);
    request.user = (given && keyCache.knownUserOf(given)) ?? null;
    if (given === undefined || request.user !== null) return done();
    keyCache.userOf(given).then((user) => {
      request.user = user ?? null;
      done();
    }, done);
  });
}

/** Route option: refuses requests without a valid API key before their body is read. */
export const requireUser = {
  preParsing: async (request: FastifyRequest): Promise<undefined> => {
    if (request.user !== null) return;
    throw request.server.failedLogins.refusal(request.ip, request.headers.authorization);
  },
};

/** The user of a request to a route with {@link requireUser}. */
export function userOf(request: FastifyRequest): User {
  if (request.user === null) throw new Error('The route does not require a user.');
  return request.user;
}
