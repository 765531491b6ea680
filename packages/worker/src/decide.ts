import type { AttemptOutcome } from '@mahilo/shared/db/schema';
import type { Exchange } from '@mahilo/shared/egress/client';
import { type RetryPolicy, retryDelay } from '@mahilo/shared/outbox/backoff';
import type { Random } from '@mahilo/shared/random';
import { retryAfterMs } from './retry-after.ts';

/** Our own trouble is tried again after this (ms); it uses up no attempt, so it must not spin either. */
const OWN_TROUBLE_MS = 2000;

/** What an attempt means for its delivery. */
export interface Decision {
  state: 'delivered' | 'failed' | 'pending';
  /** When it is due again (ms), for `pending`. */
  dueAt: number;
  error: string | null;
  /** How the attempt is recorded; undefined when the receiver was not to blame and none is used up. */
  outcome: AttemptOutcome | undefined;
  statusCode: number | null;
}

export interface Situation {
  /** Attempts of this cycle before this one. */
  attemptsInCycle: number;
  policy: RetryPolicy;
  now: number;
  random: Random;
}

/** What to do after an exchange with an agent: 2xx delivers, a refused address and 410 end it, all else is tried again. */
export function decide(exchange: Exchange, situation: Situation): Decision {
  if (exchange.kind === 'failure') {
    const { outcome, error, fault } = exchange;
    if (fault === 'registry')
      return { ...later(situation.now + OWN_TROUBLE_MS, error), outcome: undefined, statusCode: null };
    const next = outcome === 'refused_address' ? failed(error) : retry(error, undefined, situation);
    return { ...next, outcome, statusCode: null };
  }
  const { statusCode, retryAfter } = exchange;
  const outcome = outcomeOf(statusCode);
  if (outcome === 'delivered')
    return { state: 'delivered', dueAt: situation.now, error: null, outcome, statusCode };
  const error = `The agent answered with status ${statusCode}.`;
  const next =
    outcome === 'gone' ? failed(error) : retry(error, retryAfterMs(retryAfter, situation.now), situation);
  return { ...next, outcome, statusCode };
}

function outcomeOf(statusCode: number): AttemptOutcome {
  if (statusCode >= 200 && statusCode < 300) return 'delivered';
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode === 410 ? 'gone' : 'http_status';
}

type Next = Pick<Decision, 'state' | 'dueAt' | 'error'>;

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
