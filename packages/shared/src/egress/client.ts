import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import got, { type Got } from 'got';
import pRetry from 'p-retry';
import { systemClock } from '../clock.ts';
import { type EgressAgents, guardedAgents, proxyAgents } from './agents.ts';
import { type Exchange, type ExchangeOptions, exchange, StaleSocketError } from './exchange.ts';
import { failureOf as directFailureOf, ExchangeError, receiverFault, STOPPED } from './failures.ts';
import { createLookup, type GuardedLookup } from './lookup.ts';
import type { EgressPolicy } from './policy.ts';
import { proxyFailureOf } from './proxy-failure.ts';
import { CallbackUrlError, hostOf, parseCallbackUrl } from './url.ts';
import { AnsweringAgent, readAuthorities } from './warm-up.ts';

export type { Exchange } from './exchange.ts';

const MAX_HEADER_BYTES = 16 * 1024;

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
type Open = (http: Got, target: URL) => Duplex;

/** The HTTP client of the product. Close it when it is no longer needed. */
export function createEgressClient({ policy, timeoutMs, userAgent, ca }: EgressClientOptions): EgressClient {
  const lookup = createLookup(policy, timeoutMs);
  const makeAgents = (keepAlive: boolean) =>
    policy.proxy === undefined
      ? guardedAgents({ policy, lookup, keepAlive, ca })
      : proxyAgents(policy.proxy, { keepAlive, ca, timeoutMs });
  const agents = [makeAgents(true), makeAgents(false)] as const;
  const [pooled, unpooled] = [prepare(agents[0], userAgent), prepare(agents[1], userAgent)];
  const failureOf = policy.proxy === undefined ? directFailureOf : proxyFailureOf;
  let closed = false;

  const open = (http: Got, target: URL, headers: Record<string, string>, body: Buffer) => {
    const length = String(body.length);
    const stream = http.stream(target, { method: 'POST', headers: { ...headers, 'content-length': length } });
    // Given as an option, got would clone the body for every request.
    stream.end(body);
    return stream;
  };

  async function send(url: string, limits: Limits, request: Open): Promise<Exchange> {
    const target = tryParse(url, policy);
    if (target instanceof CallbackUrlError) {
      return { kind: 'failure', ...receiverFault('refused_address', target.message), durationMs: 0 };
    }
    const options: ExchangeOptions = {
      ...limits,
      startedAtMs: systemClock.monotonicMs(),
      failureOf: (error) => (closed ? STOPPED : failureOf(error)),
    };
    return pRetry((attempt) => exchange(request(attempt === 1 ? pooled : unpooled, target), options), {
      retries: 1,
      minTimeout: 0,
      shouldRetry: ({ error }) => error instanceof StaleSocketError,
    });
  }

  return {
    post: ({ url, headers, body, signal, ...own }) =>
      send(url, { timeoutMs: own.timeoutMs ?? timeoutMs, signal }, (http, target) =>
        open(http, target, headers, body),
      ),
    head: ({ url, signal, ...own }) =>
      send(url, { timeoutMs: own.timeoutMs ?? timeoutMs, signal }, (http, target) =>
        http.stream(target, { method: 'HEAD' }),
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
      const inMemory = prepare({ http: answering, https: new https.Agent() }, userAgent);
      const stream = open(inMemory, new URL('http://warm-up.invalid/'), {}, Buffer.from('{}'));
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

function prepare({ http, https }: EgressAgents, userAgent: string) {
  return got.extend({
    agent: { http, https },
    headers: { 'user-agent': userAgent },
    followRedirect: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    decompress: false,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
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
