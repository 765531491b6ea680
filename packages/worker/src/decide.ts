import type { AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import type { Exchange } from '@mahilo/shared/egress/client';
import { type RetryPolicy, retryDelay } from '@mahilo/shared/outbox/backoff';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import type { Settlement } from '@mahilo/shared/outbox/settle';
import type { Random } from '@mahilo/shared/random';
import { retryAfterMs } from './retry-after.ts';

/** The registry's own trouble uses up no attempt for so long (ms); after that, attempts count. */
const TROUBLE_FREE_MS = 3_600_000;
/** A lane waits longer than its agent asked, by up to this share, so that not all return at the same moment. */
export const ASKED_JITTER = 0.1;
/** With these statuses `Retry-After` concerns the agent, and not the one message (RFC 6585, RFC 9110). */
const ABOUT_THE_AGENT: ReadonlySet<number> = new Set([429, 503]);

/** What an attempt means for the lane; nothing when it was not made, or we aborted it. */
export type LaneNews =
  | { kind: 'succeeded' }
  | { kind: 'failed'; askedUntil: number }
  | { kind: 'trouble' }
  | { kind: 'nothing' };

/** A leased delivery with the outcome of its attempt, for itself and for its lane. */
export type Finished = Settlement<LeasedDelivery> & { news: LaneNews };
export type Decision = Omit<Finished, 'delivery'>;

export interface Situation {
  /** Attempts of this cycle before this one. */
  attemptsInCycle: number;
  /** Of what a receiver of events finds too large, the same is too large each time (SEP-3415, delivery profile). */
  isEvent: boolean;
  /** When this one began (ms). */
  startedAt: number;
  /** Since when (ms) the registry itself has had trouble with this lane; null: no trouble. */
  troubleSince: number | null;
  policy: RetryPolicy;
  now: number;
  random: Random;
}

/**
 * Decides what follows an exchange with an agent: 2xx delivers, a refused address and 410 end it, anything else is
 * retried.
 */
export function decide(exchange: Exchange, situation: Situation): Decision {
  const { startedAt, now } = situation;
  const { durationMs } = exchange;
  if (exchange.kind === 'failure') return afterFailure(exchange, situation);
  const { statusCode, retryAfter, excerpt: responseExcerpt } = exchange;
  const outcome = outcomeOf(statusCode);
  const attempt = { startedAt, durationMs, outcome, statusCode, responseExcerpt };
  if (outcome === 'delivered') {
    return { state: 'delivered', dueAt: now, error: null, attempt, news: { kind: 'succeeded' } };
  }
  const error = `The agent answered with status ${statusCode}.`;
  const askedMs = retryAfterMs(retryAfter, now);
  const askedUntil = ABOUT_THE_AGENT.has(statusCode) ? laneAsked(askedMs, situation) : 0;
  const news = { kind: 'failed', askedUntil } as const;
  const isTooLarge = situation.isEvent && statusCode === 413;
  if (outcome === 'gone' || isTooLarge) return { ...failed(error), attempt, news };
  return { ...retry(error, askedMs, situation), attempt, news };
}

function afterFailure(failure: Exchange & { kind: 'failure' }, situation: Situation): Decision {
  const { startedAt, now, troubleSince } = situation;
  const { outcome, error, fault, durationMs } = failure;
  const attempt = { startedAt, durationMs, outcome, statusCode: null, responseExcerpt: null };
  if (fault === 'stopped') return { ...later(now, error), attempt: undefined, news: { kind: 'nothing' } };
  if (fault === 'registry') {
    const news = { kind: 'trouble' } as const;
    const isLong = troubleSince !== null && now - troubleSince >= TROUBLE_FREE_MS;
    // The lane waits, so the delivery itself need not.
    if (!isLong) return { ...later(now, error), attempt: undefined, news };
    return { ...retry(error, undefined, situation), attempt, news };
  }
  const next = outcome === 'refused_address' ? failed(error) : retry(error, undefined, situation);
  return { ...next, attempt, news: { kind: 'failed', askedUntil: 0 } };
}

/** Until when the whole lane waits; 0: it does not. */
function laneAsked(askedMs: number | undefined, { policy, now, random }: Situation): number {
  if (askedMs === undefined || askedMs === 0) return 0;
  return now + Math.round(Math.min(askedMs, policy.maxMs) * (1 + ASKED_JITTER * random.fraction()));
}

function outcomeOf(statusCode: number): AttemptOutcome {
  if (statusCode >= 200 && statusCode < 300) return 'delivered';
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode === 410 ? 'gone' : 'http_status';
}

type Next = Omit<Decision, 'attempt' | 'news'>;

function retry(
  error: string,
  askedMs: number | undefined,
  { attemptsInCycle, policy, now, random }: Situation,
): Next {
  const retryNumber = attemptsInCycle + 1;
  if (retryNumber > policy.maxRetries) return failed(error);
  return later(now + retryDelay(retryNumber, policy, random, askedMs), error);
}

function later(dueAt: number, error: string): Next {
  return { state: 'pending', dueAt, error };
}

function failed(error: string): Next {
  return { state: 'failed', dueAt: 0, error };
}
