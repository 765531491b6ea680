import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import { INVALID_PATH, pathOf } from './error-handler.ts';

/** A path that no route has. */
const NOWHERE = '/%20';

/** A route's URL (`/agents/:id`), the paths that it stands for, and its methods. */
interface KnownRoute {
  pattern: RegExp;
  methods: Set<string>;
}

type KnownRoutes = ReadonlyMap<string, KnownRoute>;

/**
 * Fastify answers a path that cannot be decoded before any hook runs, so without rate limit and headers. This sends
 * it to a path that does not exist, so that it passes through the hooks like every request.
 */
export function rewriteUndecodable({ url = '' }: { url?: string | undefined }): string {
  if (!url.includes('%')) return url;
  try {
    decodeURI(pathOf({ url }));
    return url;
  } catch {
    return NOWHERE;
  }
}

/**
 * Answers requests without a route before the body is read: a wrong method on a known path with 405 and `Allow` (RFC
 * 9110 §15.5.6), anything else with 404. Knows the routes that are registered after this call.
 */
export function registerUnknownRoute(app: App): void {
  const routes = collectRoutes(app);
  const limit = app.rateLimit();
  // No promise: every request passes it.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    limit.call(app, request, reply).then(() => done(), done);
    return undefined;
  });
  app.addHook('preParsing', (request, reply, _payload, done) => {
    done(isAstray(request, routes) ? refusal(request, reply, routes) : null);
  });
  // A route of a plugin may find out late that it has nothing: a file of the reference that does not exist.
  app.setNotFoundHandler((request, reply) => {
    throw refusal(request, reply, routes);
  });
}

function refusal(request: FastifyRequest, reply: FastifyReply, routes: KnownRoutes): MahiloError {
  if (request.url !== request.originalUrl) return new MahiloError('INVALID_REQUEST', INVALID_PATH);
  const path = pathOf(request);
  const route = routes.get(path) ?? [...routes.values()].find(({ pattern }) => pattern.test(path));
  if (route === undefined || route.methods.has(request.method))
    return new MahiloError('ROUTE_NOT_FOUND', `There is no ${request.method} ${path}.`);
  const allowed = [...route.methods].join(', ');
  reply.header('allow', allowed);
  return new MahiloError('METHOD_NOT_ALLOWED', `${request.method} is not possible here, only ${allowed}.`);
}

/** Fastify takes `/agents/` for `/agents/:id`, and `DELETE /friends/request` for `DELETE /friends/:id`. */
function isAstray(request: FastifyRequest, routes: KnownRoutes): boolean {
  if (request.is404) return true;
  const given = Object.values(request.params ?? {});
  // A path without parameters is that of its route.
  if (given.length === 0) return false;
  return given.includes('') || routes.get(pathOf(request))?.methods.has(request.method) === false;
}

function collectRoutes(app: App): KnownRoutes {
  const routes = new Map<string, KnownRoute>();
  app.addHook('onRoute', ({ url, method }) => {
    // Fastify reports each method once of a route with and without a slash at its end.
    const route = routes.get(url) ?? routes.get(url.replace(/\/$/, '')) ?? newRoute(url);
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });
  return routes;
}

function newRoute(url: string): KnownRoute {
  return { pattern: patternOf(url), methods: new Set() };
}

function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment === '*') return '.*';
    return segment.startsWith(':') ? '[^/]+' : segment.replaceAll('.', '\\.');
  });
  return new RegExp(`^${segments.join('/')}$`);
}
