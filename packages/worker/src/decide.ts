import type { AttemptOutcome } from '@mahilo/shared/attempt-outcomes';
import type { Exchange } from '@mahilo/shared/egress/client';
import { type RetryPolicy, retryDelay } from '@mahilo/shared/outbox/backoff';
import type { LeasedDelivery } from '@mahilo/shared/outbox/lease';
import type { Settlement } from '@mahilo/shared/outbox/settle';
import type { Random } from '@mahilo/shared/random';
import { retryAfterMs } from './retry-after.ts';

/** Our own trouble is tried again after this (ms); it uses up no attempt, so it must not spin either. */
const OWN_TROUBLE_MS = 2000;

/** A delivery that this worker leased, and what its attempt means for it. */
export type Finished = Settlement<LeasedDelivery>;
export type Decision = Omit<Finished, 'delivery'>;

export interface Situation {
  /** Attempts of this cycle before this one. */
  attemptsInCycle: number;
  /** When this one began (ms). */
  startedAt: number;
  policy: RetryPolicy;
  now: number;
  random: Random;
}

/** What to do after an exchange with an agent: 2xx delivers, a refused address and 410 end it, all else is tried again. */
export function decide(exchange: Exchange, situation: Situation): Decision {
  const { startedAt, now } = situation;
  const { durationMs } = exchange;
  if (exchange.kind === 'failure') {
    const { outcome, error, fault } = exchange;
    if (fault === 'registry') return { ...later(now + OWN_TROUBLE_MS, error), attempt: undefined };
    const attempt = { startedAt, durationMs, outcome, statusCode: null, responseExcerpt: null };
    return {
      ...(outcome === 'refused_address' ? failed(error) : retry(error, undefined, situation)),
      attempt,
    };
  }
  const { statusCode, retryAfter, excerpt: responseExcerpt } = exchange;
  const outcome = outcomeOf(statusCode);
  const attempt = { startedAt, durationMs, outcome, statusCode, responseExcerpt };
  if (outcome === 'delivered') return { state: 'delivered', dueAt: now, error: null, attempt };
  const error = `The agent answered with status ${statusCode}.`;
  if (outcome === 'gone') return { ...failed(error), attempt };
  return { ...retry(error, retryAfterMs(retryAfter, now), situation), attempt };
}

function outcomeOf(statusCode: number): AttemptOutcome {
  if (statusCode >= 200 && statusCode < 300) return 'delivered';
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode === 410 ? 'gone' : 'http_status';
}

type Next = Omit<Decision, 'attempt'>;

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
