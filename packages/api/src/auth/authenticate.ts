import { type NewApiKey, parseApiKey, parseBearer } from '@mahilo/shared/accounts/api-key';
import type { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { App } from '../deps.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import type { FailedLogins } from './failed-logins.ts';
import type { KeyCache } from './key-cache.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose API key, or whose browser session, came with the request; null without one, or with a wrong one. */
    user: Caller | null;
  }
  interface FastifyInstance {
    browserSessions: BrowserSessions;
    failedLogins: FailedLogins;
  }
  interface FastifyContextConfig {
    /** The API key may also come as `?api_key=`, for clients that cannot set a header. */
    keyInQuery?: boolean;
  }
}

/**
 * Identifies the user of each request, and lets every request pass: routes that need a user use {@link requireUser}.
 * So a flood of bad keys costs one look-up each, and the rate limit counts it before anything else happens.
 */
export function registerIdentify(
  app: App,
  keyCache: KeyCache,
  browserSessions: BrowserSessions,
  failedLogins: FailedLogins,
): void {
  app.decorate('failedLogins', failedLogins);
  app.decorate('browserSessions', browserSessions);
  app.decorateRequest('user', null);
  app.addHook('onRequest', (request, _reply, done) => {
    // Routes without a rate limit (health) must answer without the database.
    if (request.routeOptions.config?.rateLimit === false) return done();
    const given = givenKey(request);
    request.user = (given && keyCache.rememberedCaller(given)) ?? null;
    if (request.user !== null) return done();
    const atBrowser = namesKey(request) ? undefined : browserSessions.callerOf(request);
    const finding = given === undefined ? atBrowser : keyCache.findCaller(given);
    if (finding === undefined) return done();
    finding.then((user) => {
      request.user = user ?? null;
      done();
    }, done);
  });
}

/** Whether a request comes with something that should be an API key. Then its cookie does not count. */
function namesKey(request: FastifyRequest): boolean {
  return request.headers.authorization !== undefined || keyInQuery(request) !== undefined;
}

/** The API key that came with a request, if it has the form of one. */
function givenKey(request: FastifyRequest): NewApiKey | undefined {
  const { authorization } = request.headers;
  return authorization === undefined ? parseApiKey(keyInQuery(request) ?? '') : parseBearer(authorization);
}

/** Whether the key or session of a request is still valid, for work that goes on after the request was let in. */
export async function isKeyStillValid(request: FastifyRequest, keyCache: KeyCache): Promise<boolean> {
  if (request.user?.session) {
    const caller = await request.server.browserSessions.callerOf(request);
    return caller?.session?.id === request.user.session.id;
  }
  const key = givenKey(request);
  // The cache is valid for this turn of the event loop, which is not enough here: another process may just have
  // replaced the key.
  return key !== undefined && (await keyCache.lookUpCaller(key))?.id === request.user?.id;
}

function keyInQuery({ query, routeOptions }: FastifyRequest): string | undefined {
  if (!routeOptions.config?.keyInQuery) return undefined;
  const { api_key: key } = query as { api_key?: unknown };
  return typeof key === 'string' ? key : undefined;
}

/** The error for a request without a valid API key. Counts it, so that guessing slows down. */
export function refusalOf(request: FastifyRequest): MahiloError {
  const given = request.headers.authorization ?? keyInQuery(request);
  return request.server.failedLogins.refusal(request.client.network, given);
}

/** Route option: refuses requests without a valid API key or session before their body is read. */
export const requireUser = {
  // No promise: every request passes it.
  preParsing(
    request: FastifyRequest,
    _reply: FastifyReply,
    _payload: unknown,
    done: (error: Error | null) => void,
  ): void {
    done(request.user === null ? refusalOf(request) : null);
  },
};

/** Whose API key, or whose browser session, came with the request; undefined without one, or with a wrong one. */
export function userIdOf(request: FastifyRequest): string | undefined {
  return request.user?.id;
}

/** Whether it is a browser session that says whose request this is. */
export function isOfBrowser(request: FastifyRequest): boolean {
  return request.user !== null && request.user.session !== null;
}

/** The user of a request to a route with {@link requireUser}. */
export function userOf(request: FastifyRequest): Caller {
  if (request.user === null) throw new Error('The route does not require a user.');
  return request.user;
}
