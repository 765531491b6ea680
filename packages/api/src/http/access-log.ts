import { withoutKeys } from '@mahilo/shared/observe/log';
import type { FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import type { ApiTelemetry } from '../telemetry.ts';
import { pathOf } from './error-handler.ts';

/** Characters of a path that are logged; our paths are shorter. */
const MAX_PATH = 200;

declare module 'fastify' {
  interface FastifyRequest {
    /** Ids of what the request created, for its log line. */
    createdIds: Readonly<Record<string, string>> | undefined;
  }
}

/** A part of a path that has the form of a token of ours; see shared `accounts/session-token.ts`. */
const TOKEN = /(?<=\/)[\w-]{43}(?=\/|$)/g;

function withoutSecrets(path: string): string {
  return withoutKeys(path).replaceAll(TOKEN, ':token');
}

/** Finds a key or a token in the path however it is escaped, and before the path is cut. */
function loggedPath(request: FastifyRequest, route: string | undefined): string {
  const path = pathOf(request);
  // Nothing of it is the client's.
  if (path === route) return path;
  return withoutSecrets(path.includes('%') ? decoded(path) : path).slice(0, MAX_PATH);
}

/** The decoded path, or the path as it came when it cannot be decoded. */
function decoded(path: string): string {
  try {
    const plain = decodeURIComponent(path);
    return withoutSecrets(plain) === plain ? path : plain;
  } catch {
    return path;
  }
}

/** Reports each request after its answer; never its query, which can contain a key. */
export function registerAccessLog(
  app: App,
  telemetry: ApiTelemetry,
  userIdOf: (request: FastifyRequest) => string | undefined,
): void {
  app.decorateRequest('createdIds', undefined);
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url;
    telemetry.requestAnswered(request.log, {
      requestId: request.id,
      method: request.method,
      path: loggedPath(request, route),
      route,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      userId: userIdOf(request),
      client: request.client.address,
      createdIds: request.createdIds,
    });
    done();
  });
}
