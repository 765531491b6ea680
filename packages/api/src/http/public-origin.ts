import type { Settings } from '@mahilo/shared/config/settings';
import type { FastifyRequest } from 'fastify';

/** What a request to this host itself may call it. Whatever else a client says could be an address of its own choosing. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Where the registry is reached, as an origin: what PUBLIC_URL says, else what the request calls it, if that is loopback.
 * @returns undefined when nobody can know.
 */
export function publicOriginOf(
  { PUBLIC_URL }: Pick<Settings, 'PUBLIC_URL'>,
  { headers }: Pick<FastifyRequest, 'headers'>,
): string | undefined {
  if (PUBLIC_URL !== undefined) return PUBLIC_URL;
  const host = headers.host ?? '';
  return LOOPBACK.test(host) ? `http://${host.toLowerCase()}` : undefined;
}
