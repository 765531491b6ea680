import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import pRetry from 'p-retry';
import { systemClock } from '../clock.ts';
import { guardedAgents, proxyAgents } from './agents.ts';
import { type Exchange, type ExchangeOptions, exchange, StaleSocketError } from './exchange.ts';
import { failureOf as directFailureOf, ExchangeError, receiverFault, STOPPED } from './failures.ts';
import { createLookup, type GuardedLookup } from './lookup.ts';
import type { EgressPolicy } from './policy.ts';
import { proxyFailureOf } from './proxy-failure.ts';
import type { Requests } from './requests.ts';
import { CallbackUrlError, hostOf, parseCallbackUrl } from './url.ts';
import { AnsweringAgent, readAuthorities } from './warm-up.ts';

export type { Exchange } from './exchange.ts';

export interface EgressClientOptions {
  policy: EgressPolicy;
  /** Longest duration (ms) of one exchange, from the name look-up to the header of the answer. */
  timeoutMs: number;
  userAgent: string;
  /** Authorities (PEM) to trust instead of the well-known ones; for tests. */
  ca?: string;
}

export interface PostRequest {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Instead of the client's. */
  timeoutMs?: number;
  /** Aborting it ends the exchange as stopped. */
  signal?: AbortSignal | undefined;
}

export interface HeadRequest {
  url: string;
  /** Instead of the client's. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** The way out: every request of the product to a callback URL goes through one of these. */
export interface EgressClient {
  /** One POST. Resolves whatever the other side does. */
  post(request: PostRequest): Promise<Exchange>;
  /** One HEAD. Resolves whatever the other side does. */
  head(request: HeadRequest): Promise<Exchange>;
  /**
   * Checks whether a URL may be registered now: its form, and every address of its name. Throws CallbackUrlError. A
   * name that does not resolve passes, because an agent may be registered before its name exists; each connection
   * checks again.
   */
  check(url: string): Promise<URL>;
  /**
   * Loads and compiles what an exchange needs, which would else make the first one take half a second. Nothing leaves the
   * process.
   */
  warmUp(): Promise<Exchange>;
  /** Closes every connection; what is in flight fails, as stopped. */
  close(): void;
}

type Limits = Pick<ExchangeOptions, 'timeoutMs' | 'signal'>;
type Begin = (requests: Requests, target: URL) => Duplex;

/** The HTTP client of the product. Close it when it is no longer needed. */
export function createEgressClient({ policy, timeoutMs, userAgent, ca }: EgressClientOptions): EgressClient {
  const lookup = createLookup(policy, timeoutMs);
  const makeAgents = (keepAlive: boolean) =>
    policy.proxy === undefined
      ? guardedAgents({ policy, lookup, keepAlive, ca })
      : proxyAgents(policy.proxy, { keepAlive, ca, timeoutMs });
  const agents = [makeAgents(true), makeAgents(false)] as const;
  let loading: Promise<readonly [pooled: Requests, unpooled: Requests]> | undefined;
  // got takes a good part of a process's memory. A worker loads it when it starts; an API may never make a request.
  const load = () => {
    loading ??= import('./requests.ts').then(
      ({ requestsOver }) => [requestsOver(agents[0], userAgent), requestsOver(agents[1], userAgent)] as const,
    );
    return loading;
  };
  const failureOf = policy.proxy === undefined ? directFailureOf : proxyFailureOf;
  let closed = false;

  async function send(url: string, limits: Limits, begin: Begin): Promise<Exchange> {
    const target = tryParse(url, policy);
    if (target instanceof CallbackUrlError) {
      return { kind: 'failure', ...receiverFault('refused_address', target.message), durationMs: 0 };
    }
    const [pooled, unpooled] = await load();
    const options: ExchangeOptions = {
      ...limits,
      startedAtMs: systemClock.monotonicMs(),
      failureOf: (error) => (closed ? STOPPED : failureOf(error)),
    };
    return pRetry((attempt) => exchange(begin(attempt === 1 ? pooled : unpooled, target), options), {
      retries: 1,
      minTimeout: 0,
      shouldRetry: ({ error }) => error instanceof StaleSocketError,
    });
  }

  return {
    post: ({ url, headers, body, signal, ...own }) =>
      send(url, { timeoutMs: own.timeoutMs ?? timeoutMs, signal }, (requests, target) =>
        requests.post(target, headers, body),
      ),
    head: ({ url, signal, ...own }) =>
      send(url, { timeoutMs: own.timeoutMs ?? timeoutMs, signal }, (requests, target) =>
        requests.head(target),
      ),
    async check(url) {
      const target = parseCallbackUrl(url, policy);
      if (policy.proxy === undefined && isIP(hostOf(target)) === 0)
        await refuseAddresses(hostOf(target), lookup);
      return target;
    },
    async warmUp() {
      readAuthorities();
      const answering = new AnsweringAgent();
      await load();
      const { requestsOver } = await import('./requests.ts');
      const inMemory = requestsOver({ http: answering, https: new https.Agent() }, userAgent);
      const stream = inMemory.post(new URL('http://warm-up.invalid/'), {}, Buffer.from('{}'));
      const startedAtMs = systemClock.monotonicMs();
      return exchange(stream, { startedAtMs, timeoutMs, signal: undefined, failureOf });
    },
    close() {
      closed = true;
      for (const agent of agents.flatMap(({ http, https }) => [http, https])) agent.destroy();
      lookup.close();
    },
  };
}

function tryParse(url: string, policy: EgressPolicy): URL | CallbackUrlError {
  try {
    return parseCallbackUrl(url, policy);
  } catch (error) {
    if (error instanceof CallbackUrlError) return error;
    throw error;
  }
}

async function refuseAddresses(name: string, lookup: GuardedLookup): Promise<void> {
  try {
    await lookup.addresses(name);
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    if (error.failure.outcome === 'refused_address') {
      throw new CallbackUrlError(`The URL's host ${name} has an address that callbacks may not go to.`);
    }
  }
}
