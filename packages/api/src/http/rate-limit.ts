import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import type { ApiDeps, App } from '../deps.ts';

/** Users and addresses whose counts are kept at once; the least recently seen are forgotten first. */
const MAX_COUNTED = 100_000;

/**
 * Limits requests per minute: by user where `userIdOf` knows one, else (no key, wrong key) by client address. Register it
 * after whatever `userIdOf` relies on, and before anything that costs more than that.
 */
export async function registerRateLimit(
  app: App,
  { settings, telemetry }: Pick<ApiDeps, 'settings' | 'telemetry'>,
  userIdOf: (request: FastifyRequest) => string | undefined,
): Promise<void> {
  await app.register(rateLimit, {
    timeWindow: '1 minute',
    cache: MAX_COUNTED,
    keyGenerator: (request) => {
      const userId = userIdOf(request);
      return userId === undefined ? `ip:${normalizeIP(request.ip)}` : `user:${userId}`;
    },
    max: (_request, key) =>
      String(key).startsWith('user:') ? settings.RATE_LIMIT : (settings.RATE_LIMIT_IP ?? settings.RATE_LIMIT),
    errorResponseBuilder: (request, { max, ttl }) => {
      telemetry.rateLimited(userIdOf(request) === undefined ? 'address' : 'user');
      const seconds = Math.max(1, Math.ceil(ttl / 1000));
      return new MahiloError(
        'RATE_LIMITED',
        `More than ${max} requests in a minute; try again in ${seconds} s.`,
        {
          retryAfterSeconds: seconds,
        },
      );
    },
  });
}
