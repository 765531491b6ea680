import { METHODS } from 'node:http';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import { INVALID_PATH, pathOf } from './error-handler.ts';

/** A path that no route has. */
const NOWHERE = '/%20';

/**
 * Fastify answers a path that cannot be decoded before any hook has run: without rate limit and headers. Sent nowhere
 * instead, it takes the way of every request.
 */
export function rewriteUndecodable({ url = '' }: { url?: string | undefined }): string {
  try {
    decodeURI(pathOf({ url }));
    return url;
  } catch {
    return NOWHERE;
  }
}

/** Answers what no route was found for, before the body is read. */
export function registerUnknownRoute(app: App): void {
  const limit = app.rateLimit();
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) await limit.call(app, request, reply);
  });
  app.addHook('preParsing', async (request) => {
    if (!request.is404 && !hasEmptyParameter(request)) return;
    if (request.url !== request.originalUrl) throw new MahiloError('INVALID_REQUEST', INVALID_PATH);
    throw new MahiloError('ROUTE_NOT_FOUND', `There is no ${request.method} ${pathOf(request)}.`);
  });
}

/** Fastify finds `/agents/:id` for `/agents/`. */
function hasEmptyParameter({ params }: FastifyRequest): boolean {
  return Object.values(params ?? {}).includes('');
}

/**
 * Answers a wrong method on a known path with 405 and `Allow` (RFC 9110 §15.5.6), for every route that is registered
 * between this call and the call of the function that it returns.
 */
export function collectMethods(app: App): () => void {
  const supported = new Set<string>(app.supportedMethods);
  for (const method of METHODS) if (!supported.has(method)) app.addHttpMethod(method);
  const methodsByUrl = new Map<string, Set<string>>();
  let collecting = true;
  app.addHook('onRoute', ({ url, method }) => {
    if (!collecting) return;
    const known = methodsByUrl.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    methodsByUrl.set(url, known);
  });
  return () => {
    collecting = false;
    for (const [url, known] of methodsByUrl) registerRefusal(app, url, known);
  };
}

function registerRefusal(app: App, url: string, known: ReadonlySet<string>): void {
  const missing = METHODS.filter((method) => !known.has(method));
  const allowed = [...known].join(', ');
  app.route({
    url,
    method: missing,
    schema: { hide: true },
    preParsing: async (request, reply) => {
      reply.header('allow', allowed);
      throw new MahiloError('METHOD_NOT_ALLOWED', `${request.method} is not possible here, only ${allowed}.`);
    },
    handler: () => undefined,
  });
}
