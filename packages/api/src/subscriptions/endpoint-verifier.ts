import { timingSafeEqual } from 'node:crypto';
import { signingSecret, standardHeaders } from '@mahilo/shared/callback/sign';
import type { Exchange } from '@mahilo/shared/egress/client';
import type { ApiDeps } from '../deps.ts';
import { type Counted, secondsLeft, WindowCounters } from '../http/window-counters.ts';
import { SubscriptionRefusal } from './refusal.ts';

/** A receiver answers within this (ms). */
const TIMEOUT_MS = 10_000;
const WINDOW_MS = 60_000;
/** Questions in a minute: of one user, so that nobody scans ports with them, and to one host, whoever lets it be asked. */
const PER_USER = 10;
const PER_HOST = 60;
const MAX_COUNTED = 10_000;

type Deps = Pick<ApiDeps, 'clock' | 'random' | 'egress'>;

/** A place that events are to be sent to. */
interface Endpoint {
  userId: string;
  url: string;
  secret: string;
  subscriptionId: string;
}

/** Asks receivers whether they want events at all: with a URL alone, anybody could have a stranger flooded. */
export class EndpointVerifier {
  readonly #deps: Deps;
  readonly #ofUsers: WindowCounters;
  readonly #ofHosts: WindowCounters;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#ofUsers = new WindowCounters(deps.clock, WINDOW_MS, MAX_COUNTED);
    this.#ofHosts = new WindowCounters(deps.clock, WINDOW_MS, MAX_COUNTED);
  }

  /**
   * Sends a signed challenge, which the receiver has to repeat (SEP-3415, endpoint verification). Takes the way of every
   * callback, through the guard.
   * @throws SubscriptionRefusal that says in one of a few words what went wrong, and nothing of the answer.
   */
  async verify(endpoint: Endpoint, gone: AbortSignal): Promise<void> {
    const { clock, random, egress } = this.#deps;
    assertFew(this.#ofUsers.add(endpoint.userId), PER_USER);
    assertFew(this.#ofHosts.add(new URL(endpoint.url).host), PER_HOST);
    const challenge = random.bytes(32).toString('base64url');
    const body = Buffer.from(JSON.stringify({ type: 'verification', challenge }));
    const signed = standardHeaders({
      secret: signingSecret(endpoint.secret),
      previousSecret: undefined,
      webhookId: `msg_verification_${random.bytes(12).toString('hex')}`,
      timestamp: Math.floor(clock.now() / 1000),
      body,
    });
    const exchange = await egress.post({
      url: endpoint.url,
      headers: {
        'Content-Type': 'application/json',
        ...signed,
        'X-MCP-Subscription-Id': endpoint.subscriptionId,
      },
      body,
      timeoutMs: TIMEOUT_MS,
      signal: gone,
    });
    const reason = whyNot(exchange, challenge);
    if (reason === undefined) return;
    throw new SubscriptionRefusal(
      'callbackEndpoint',
      'The callback URL did not repeat the challenge that it was sent.',
      { reason },
    );
  }
}

function assertFew({ count, leftMs }: Counted, max: number): void {
  if (count <= max) return;
  const seconds = secondsLeft(leftMs);
  throw new SubscriptionRefusal(
    'resourceExhausted',
    `Callback URLs were verified too often; try again in ${seconds} s.`,
    { limit: 'verifications', max, retryAfterSeconds: seconds },
  );
}

type Reason = 'connection_refused' | 'timeout' | 'tls_error' | 'http_4xx' | 'http_5xx' | 'challenge_failed';

function whyNot(exchange: Exchange, challenge: string): Reason | undefined {
  if (exchange.kind === 'failure') {
    if (exchange.outcome === 'timeout' || exchange.fault === 'stopped') return 'timeout';
    return exchange.outcome === 'tls' ? 'tls_error' : 'connection_refused';
  }
  const { statusCode, excerpt } = exchange;
  if (statusCode >= 500) return 'http_5xx';
  if (statusCode >= 400) return 'http_4xx';
  return statusCode >= 200 && statusCode < 300 && repeats(excerpt, challenge)
    ? undefined
    : 'challenge_failed';
}

function repeats(answer: string | null, challenge: string): boolean {
  const given = Buffer.from(challengeIn(answer));
  const expected = Buffer.from(challenge);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function challengeIn(answer: string | null): string {
  try {
    const { challenge } = JSON.parse(answer ?? '');
    return typeof challenge === 'string' ? challenge : '';
  } catch {
    return '';
  }
}
