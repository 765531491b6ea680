import rateLimit, { type FastifyRateLimitStore, type FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import { BOUNDS } from '@mahilo/shared/bounds/bounds';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps, App } from '../deps.ts';
import type { LimitReached } from '../telemetry.ts';
import { type Counted, secondsLeft, WindowCounters } from './window-counters.ts';

const WINDOW_MS = 60_000;
/**
 * Users, and addresses, whose requests are counted at once. Against an attacker with more addresses the widest
 * network still counts.
 */
const MAX_COUNTED = 50_000;

/** The prefixes of users' keys, which no address has, and of those for pages that are the same for everybody. */
const USER = 'user:';
const BROWSER = 'browser:';
const STATIC = 'static:';

type Deps = Pick<ApiDeps, 'settings' | 'telemetry' | 'clock'>;

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * How many requests users have made in their current minute, by user id. An expensive request counts as several.
     */
    userRequests: WindowCounters;
  }
  interface FastifyContextConfig {
    /** The same for everybody, and cheap: it has a limit of its own and uses up nobody's. */
    isStatic?: boolean;
  }
}

/**
 * Limits requests per minute: by user when `userIdOf` knows one, else (no key, wrong key) by client address. Those of a
 * user's browsers count for themselves, so that an open page takes nothing from the user's agents. Beside
 * it go wider limits: all accounts of an address together, and the many addresses of an IPv6 customer. Register it
 * after whatever `userIdOf` and `isOfBrowser` rely on, and before anything that costs more.
 */
export async function registerRateLimit(
  app: App,
  deps: Deps,
  userIdOf: (request: FastifyRequest) => string | undefined,
  isOfBrowser: (request: FastifyRequest) => boolean,
): Promise<void> {
  const { settings, telemetry, clock } = deps;
  const ofAddress = BOUNDS.requests_without_key.limit(settings);
  const ofStatic = BOUNDS.static_pages.limit(settings);
  const ofBrowsers = BOUNDS.browser_requests_per_minute.limit(settings);
  const users = new WindowCounters(clock, WINDOW_MS, MAX_COUNTED);
  app.decorate('userRequests', users);
  app.addHook('onRequest', wideLimits(deps, userIdOf));
  await app.register(rateLimit, {
    timeWindow: WINDOW_MS,
    store: storeOf(deps, users),
    keyGenerator: (request) => {
      if (isStatic(request)) return `${STATIC}${request.client.network}`;
      const userId = userIdOf(request);
      if (userId === undefined) return `ip:${request.client.network}`;
      return `${isOfBrowser(request) ? BROWSER : USER}${userId}`;
    },
    max: (_request, key) => {
      if (String(key).startsWith(USER)) return settings.RATE_LIMIT;
      if (String(key).startsWith(BROWSER)) return ofBrowsers;
      return String(key).startsWith(STATIC) ? ofStatic : ofAddress;
    },
    errorResponseBuilder: (request, { max, ttl }) => {
      telemetry.rateLimited(userIdOf(request) === undefined ? 'address' : 'user');
      return rateLimited(max, ttl);
    },
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    addStandardHeaders(request, reply, userIdOf(request) === undefined ? 'address' : 'user');
    done();
  });
}

function rateLimited(max: number, leftMs: number): MahiloError {
  const seconds = secondsLeft(leftMs);
  const sentence = `More than ${max} requests in a minute; try again in ${seconds} s.`;
  return new MahiloError('RATE_LIMITED', sentence, { retryAfterSeconds: seconds });
}

function isStatic({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config?.isStatic === true;
}

/**
 * The limits of an address, whatever user asks from there. Does not count loopback and private addresses: they may be
 * a proxy that TRUST_PROXY does not name, with many clients behind it.
 */
function wideLimits(
  { settings, telemetry, clock }: Deps,
  userIdOf: (request: FastifyRequest) => string | undefined,
) {
  const accounts = new WindowCounters(clock, WINDOW_MS, MAX_COUNTED);
  const sites = new WindowCounters(clock, WINDOW_MS, MAX_COUNTED);
  const ofAccounts = BOUNDS.accounts_of_address.limit(settings);
  const ofSite = BOUNDS.requests_of_site.limit(settings);
  const refusalOf = (request: FastifyRequest): Refusal | undefined => {
    const { network, site, isOwn } = request.client;
    if (isOwn || request.routeOptions.config?.rateLimit === false) return undefined;
    if (userIdOf(request) !== undefined)
      return over(accounts.add(network), ofAccounts, 'accounts_of_address');
    return site === undefined ? undefined : over(sites.add(site), ofSite, 'site');
  };
  return (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    const refusal = refusalOf(request);
    if (refusal === undefined) {
      done();
      return;
    }
    telemetry.rateLimited(refusal.by);
    const error = rateLimited(refusal.max, refusal.leftMs);
    reply.headers({
      'x-ratelimit-limit': refusal.max,
      'x-ratelimit-remaining': 0,
      'x-ratelimit-reset': error.retryAfterSeconds,
    });
    done(error);
  };
}

interface Refusal {
  max: number;
  leftMs: number;
  by: LimitReached;
}

function over({ count, leftMs }: Counted, max: number, by: LimitReached): Refusal | undefined {
  return count > max ? { max, leftMs, by } : undefined;
}

/**
 * `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10) with the same numbers as `x-ratelimit-*`,
 * which existing clients read.
 */
function addStandardHeaders(request: FastifyRequest, reply: FastifyReply, by: 'user' | 'address'): void {
  const limit = reply.getHeader('x-ratelimit-limit');
  if (limit === undefined) return;
  const { config } = request.routeOptions;
  const name = config?.isStatic ? 'static' : config?.rateLimit === undefined ? by : 'route';
  reply.header('ratelimit-policy', `"${name}";q=${limit};w=${WINDOW_MS / 1000}`);
  const [remaining, reset] = [reply.getHeader('x-ratelimit-remaining'), reply.getHeader('x-ratelimit-reset')];
  reply.header('ratelimit', `"${name}";r=${remaining};t=${reset}`);
}

/** Replaces the plugin's own store, which uses the wall clock. Routes with a limit of their own count separately. */
function storeOf({ clock }: Deps, users: WindowCounters): FastifyRateLimitStoreCtor {
  return class Store implements FastifyRateLimitStore {
    readonly #users: WindowCounters;
    readonly #others = new WindowCounters(clock, WINDOW_MS, MAX_COUNTED);

    constructor(_options: unknown, usersOfStore = users) {
      this.#users = usersOfStore;
    }

    incr(key: string, done: (error: Error | null, result?: { ttl: number; current: number }) => void): void {
      const isUser = key.startsWith(USER);
      const { count, leftMs } = isUser ? this.#users.add(key.slice(USER.length)) : this.#others.add(key);
      done(null, { current: count, ttl: leftMs });
    }

    child(): Store {
      return new Store(undefined, new WindowCounters(clock, WINDOW_MS, MAX_COUNTED));
    }
  };
}
