import { MahiloError } from '@mahilo/shared/errors';
import type { App } from '../deps.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

/**
 * Answers a wrong method on a known path with 405 and `Allow` (RFC 9110 §15.5.6), for every route that is registered
 * between this call and the call of the function that it returns.
 */
export function collectMethods(app: App): () => void {
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
  if (url.includes('*') || missing.length === 0) return;
  const allowed = [...known].join(', ');
  app.route({
    url,
    method: missing,
    schema: { hide: true },
    onRequest: async (request, reply) => {
      reply.header('allow', allowed);
      throw new MahiloError('METHOD_NOT_ALLOWED', `${request.method} is not possible here; ${allowed} is.`);
    },
    handler: () => undefined,
  });
}
