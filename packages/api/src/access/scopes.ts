import type { KeyScope } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from './caller.ts';

/** Keys of scope `all` may do everything. */
export type NarrowScope = Exclude<KeyScope, 'all'>;

const BOTH = ['agent', 'read'] as const;
const AGENT = ['agent'] as const;
const READ = ['read'] as const;

/**
 * The routes that keys with a narrow scope may use; all others refuse them. A key of scope `agent` may use them for
 * its own connection; see {@link ownConnection}.
 */
const ALLOWED: Readonly<Record<string, readonly NarrowScope[]>> = {
  'POST /auth/register': BOTH,
  'POST /auth/sessions': BOTH,
  'POST /auth/browser-login/attempts': BOTH,
  'GET /auth/browser-login/attempts/:id': BOTH,
  'POST /auth/browser-login/attempts/:id/redeem': BOTH,
  'GET /auth/me': BOTH,
  'GET /auth/limits': BOTH,
  'GET /auth/export': READ,
  'GET /auth/keys': READ,
  'GET /auth/sessions': READ,
  'GET /agents': READ,
  'GET /friends': BOTH,
  'GET /contacts/:username/connections': BOTH,
  'GET /friends/:id/roles': READ,
  'GET /friends/links': READ,
  'GET /friends/links/:id': READ,
  'GET /roles': READ,
  'GET /groups': READ,
  'GET /groups/:id': READ,
  'GET /groups/:id/members': READ,
  'GET /groups/:id/links': READ,
  'GET /policies': READ,
  'GET /policies/:id': READ,
  'GET /plugin/reviews': READ,
  'GET /plugin/reviews/:id': READ,
  'GET /plugin/events/blocked': READ,
  'POST /messages/send': AGENT,
  'GET /messages': READ,
  'GET /messages/:id': BOTH,
  'GET /threads': READ,
  'GET /deliveries': READ,
  'GET /deliveries/:id': READ,
  'GET /deliveries/:id/attempts': READ,
  'GET /inbox': AGENT,
  'POST /inbox/ack': AGENT,
  'GET /events': BOTH,
  'GET /notifications/ws': BOTH,
  'POST /mcp': AGENT,
};

/** Refuses what a key's scope does not cover, before the body is read. `prefix` comes before the listed paths. */
export function registerScopes(app: Pick<FastifyInstance, 'addHook'>, prefix: string): void {
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    done(isCovered(request, prefix) ? null : insufficientScope());
  });
}

function isCovered(request: FastifyRequest, prefix: string): boolean {
  const { user, is404, method } = request;
  if (user === null || user.scope === 'all' || is404) return true;
  const url = request.routeOptions.url ?? '';
  if (!url.startsWith(prefix)) return true;
  // RFC 9110 §9.3.2: HEAD is GET without the content.
  return covers(user, `${method === 'HEAD' ? 'GET' : method} ${url.slice(prefix.length)}`);
}

/** Whether a caller's key may use a route, given as `GET /agents`. */
export function covers({ scope }: Caller, route: string): boolean {
  return scope === 'all' || scopesOf(route).includes(scope);
}

/** @throws MahiloError INSUFFICIENT_SCOPE when the caller's key may not use a route. */
export function assertCovered(caller: Caller, route: string): void {
  if (!covers(caller, route)) throw insufficientScope();
}

/** The narrow scopes that may use a route. */
export function scopesOf(route: string): readonly NarrowScope[] {
  return (Object.hasOwn(ALLOWED, route) ? ALLOWED[route] : undefined) ?? [];
}

/**
 * The connection of a request. A key of one agent means its own when the request names none.
 * @throws MahiloError INSUFFICIENT_SCOPE when the request names another one.
 */
export function ownConnection(caller: Caller, named: string | undefined): string | undefined {
  const own = caller.connectionId ?? undefined;
  if (own === undefined || named === undefined || named === own) return own ?? named;
  throw insufficientScope();
}

/** Whether the caller may see what happens with one of the user's connections. */
export function mayUse(caller: Caller, connectionId: unknown): boolean {
  return caller.connectionId === null || caller.connectionId === connectionId;
}

function insufficientScope(): MahiloError {
  return new MahiloError('INSUFFICIENT_SCOPE', 'The scope of this API key does not cover this.');
}
