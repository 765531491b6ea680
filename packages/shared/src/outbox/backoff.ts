import type { Random } from '../random.ts';

export interface RetryPolicy {
  maxRetries: number;
  baseMs: number;
  factor: number;
  maxMs: number;
}

/**
 * Jitter makes a delay shorter or longer by up to this share, so that deliveries that failed together do not return
 * together.
 */
const JITTER = 0.2;

/**
 * Delay (ms) before retry `retry` (1-based): `baseMs × factor^(retry-1)`, capped, with jitter. Honours what the
 * receiver asked for (`Retry-After`, ms) up to the same cap; jitter never shortens that.
 */
export function retryDelay(
  retry: number,
  policy: RetryPolicy,
  random: Random,
  retryAfterMs: number | undefined,
): number {
  const plain = Math.min(policy.baseMs * policy.factor ** (retry - 1), policy.maxMs);
  const jittered = Math.min(plain * (1 - JITTER + 2 * JITTER * random.fraction()), policy.maxMs);
  return Math.round(Math.max(jittered, Math.min(retryAfterMs ?? 0, policy.maxMs)));
}
