import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../test/seeded-random.ts';
import { type RetryPolicy, retryDelay } from './backoff.ts';

const POLICY: RetryPolicy = { maxRetries: 5, baseMs: 5000, factor: 5, maxMs: 21_600_000 };
/** Halfway between the shortest and the longest delay, so no jitter. */
const NO_JITTER = { fraction: () => 0.5, bytes: seededRandom().bytes };

test('each retry waits as many times longer as the factor says, up to the longest delay', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7].map((retry) => retryDelay(retry, POLICY, NO_JITTER, undefined));
  assert.deepEqual(delays, [5000, 25_000, 125_000, 625_000, 3_125_000, 15_625_000, 21_600_000]);
});

test('a retry far beyond every number still waits for the longest delay', () => {
  assert.equal(retryDelay(10_000, POLICY, NO_JITTER, undefined), POLICY.maxMs);
});

test('jitter spreads delays by a fifth to both sides', () => {
  const at = (fraction: number) =>
    retryDelay(1, POLICY, { ...NO_JITTER, fraction: () => fraction }, undefined);
  assert.deepEqual([at(0), at(0.25), at(1)], [4000, 4500, 6000]);
  const random = seededRandom();
  const delays = Array.from({ length: 100 }, () => retryDelay(1, POLICY, random, undefined));
  assert.ok(new Set(delays).size > 90);
});

test('what the receiver asks for is honoured up to the longest delay, and never makes a delay shorter', () => {
  const asked = (ms: number) => retryDelay(1, POLICY, NO_JITTER, ms);
  assert.deepEqual([asked(0), asked(4999), asked(60_000)], [5000, 5000, 60_000]);
  assert.equal(asked(86_400_000), POLICY.maxMs);
});

test('whatever the policy and the luck, a delay is a whole number of ms between nothing and the longest', () => {
  const ms = (max: number) => fc.integer({ min: 1, max });
  fc.assert(
    fc.property(
      ms(1000),
      fc.record({
        maxRetries: fc.constant(100),
        baseMs: ms(86_400_000),
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
        maxMs: ms(30 * 86_400_000),
      }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.option(ms(86_400_000), { nil: undefined }),
      (retry, policy, fraction, askedMs) => {
        const delay = retryDelay(retry, policy, { ...NO_JITTER, fraction: () => fraction }, askedMs);
        assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= policy.maxMs);
        assert.ok(delay >= Math.min(askedMs ?? 0, policy.maxMs));
      },
    ),
  );
});
