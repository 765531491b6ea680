import { isToken } from '@mahilo/shared/accounts/session-token';
import type { Settings } from '@mahilo/shared/config/settings';
import { MahiloError } from '@mahilo/shared/errors';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import { publicOriginOf } from '../http/public-origin.ts';

/** A browser takes it only over https, from this host itself and for all its paths (RFC 6265bis §4.1.3.2). */
const NAME = '__Host-mahilo';
/** The same where a developer's registry is reached by http: browsers would not take the other one. */
const PLAIN_NAME = 'mahilo';

type OriginSettings = Pick<Settings, 'PUBLIC_URL' | 'NODE_ENV'>;
type Asked = Pick<FastifyRequest, 'headers'>;

/** The session token in a request's cookie, if there is one that has the form. */
export function tokenInCookie(settings: OriginSettings, request: Asked): string | undefined {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const token = parseCookie(cookie)[cookieName(settings, request)];
  return token !== undefined && isToken(token) ? token : undefined;
}

/** A `Set-Cookie` that keeps a session token in the browser for so long (ms), and away from the page's scripts. */
export function sessionCookie(
  settings: OriginSettings,
  request: Asked,
  token: string,
  forMs: number,
): string {
  const name = cookieName(settings, request);
  return stringifySetCookie({
    name,
    value: token,
    maxAge: Math.floor(forMs / 1000),
    path: '/',
    httpOnly: true,
    secure: name === NAME,
    sameSite: 'strict',
  });
}

/** A `Set-Cookie` that makes the browser forget the session. */
export function clearedCookie(settings: OriginSettings, request: Asked): string {
  return sessionCookie(settings, request, '', 0);
}

function cookieName(settings: OriginSettings, request: Asked): string {
  const isPlain =
    settings.NODE_ENV !== 'production' && publicOriginOf(settings, request)?.startsWith('http:') === true;
  return isPlain ? PLAIN_NAME : NAME;
}

/**
 * Whether a request comes from a page of the registry itself, or from no page at all where it changes nothing. A browser
 * says where it comes from (W3C Fetch Metadata); an older one at least names the origin of whatever may change something.
 */
export function isFromOwnPage(
  settings: OriginSettings,
  { headers, method }: Pick<FastifyRequest, 'headers' | 'method'>,
): boolean {
  // Opening a WebSocket is a GET, and no other origin is kept from reading what comes over it.
  const isHarmless = (method === 'GET' || method === 'HEAD') && headers.upgrade === undefined;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || (site === 'none' && isHarmless);
  const { origin } = headers;
  return origin === undefined ? isHarmless : origin === publicOriginOf(settings, { headers });
}

/**
 * For what signs somebody in: no other site may do that in a visitor's browser. Programs, which say nothing of an origin,
 * may.
 * @throws MahiloError FORBIDDEN
 */
export function assertNoOtherPage(settings: OriginSettings, request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin === undefined && site === undefined) return;
  if (!isFromOwnPage(settings, request)) {
    throw new MahiloError('FORBIDDEN', 'Pages of other origins cannot sign anybody in.');
  }
}
