import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '@mahilo/shared/egress/client';
import { systemRandom } from '@mahilo/shared/random';
import { decide, type Situation } from './decide.ts';

const NOW = 1_000_000;
const situation = (changes: Partial<Situation> = {}): Situation => ({
  attemptsInCycle: 0,
  isEvent: false,
  startedAt: NOW - 5,
  troubleSince: null,
  policy: { maxRetries: 2, baseMs: 1000, factor: 10, maxMs: 5000 },
  now: NOW,
  // The middle of the range, so no jitter.
  random: { ...systemRandom, fraction: () => 0.5 },
  ...changes,
});
const answer = (statusCode: number, retryAfter?: string): Exchange => ({
  kind: 'response',
  statusCode,
  excerpt: null,
  durationMs: 5,
  ...(retryAfter !== undefined && { retryAfter }),
});
const failure = (
  outcome: 'timeout' | 'dns' | 'refused_address',
  fault: 'receiver' | 'registry' | 'stopped' = 'receiver',
): Exchange => ({
  kind: 'failure',
  outcome,
  error: 'It went wrong.',
  fault,
  durationMs: 5,
});

test('every 2xx delivers', () => {
  for (const statusCode of [200, 201, 204, 299]) {
    assert.deepEqual(decide(answer(statusCode), situation()), {
      state: 'delivered',
      dueAt: NOW,
      error: null,
      attempt: { startedAt: NOW - 5, durationMs: 5, outcome: 'delivered', statusCode, responseExcerpt: null },
      news: { kind: 'succeeded' },
    });
  }
});

test('a redirect, an error status and a failure are tried again', () => {
  for (const [exchange, outcome] of [
    [answer(301), 'redirect'],
    [answer(304), 'redirect'],
    [answer(404), 'http_status'],
    [answer(500), 'http_status'],
    [failure('timeout'), 'timeout'],
    [failure('dns'), 'dns'],
  ] as const) {
    const decision = decide(exchange, situation());
    assert.equal(decision.state, 'pending');
    assert.equal(decision.attempt?.outcome, outcome);
    assert.equal(decision.dueAt, NOW + 1000);
  }
});

test('each retry waits longer, up to the cap, and the last one makes a dead letter', () => {
  assert.equal(decide(answer(500), situation({ attemptsInCycle: 0 })).dueAt, NOW + 1000);
  assert.equal(decide(answer(500), situation({ attemptsInCycle: 1 })).dueAt, NOW + 5000);
  assert.equal(decide(answer(500), situation({ attemptsInCycle: 2 })).state, 'failed');
});

test('410 and a refused address are final', () => {
  assert.deepEqual(
    [decide(answer(410), situation()), decide(failure('refused_address'), situation())].map((decision) => [
      decision.state,
      decision.attempt?.outcome,
    ]),
    [
      ['failed', 'gone'],
      ['failed', 'refused_address'],
    ],
  );
});

test('our own trouble uses up no attempt, however often it happens, for an hour; then each try is one', () => {
  const decision = decide(failure('dns', 'registry'), situation({ attemptsInCycle: 99 }));
  assert.deepEqual([decision.state, decision.attempt, decision.news.kind], ['pending', undefined, 'trouble']);
  const during = situation({ attemptsInCycle: 99, troubleSince: NOW - 3_599_999 });
  assert.equal(decide(failure('dns', 'registry'), during).attempt, undefined);
  const long = situation({ attemptsInCycle: 1, troubleSince: NOW - 3_600_000 });
  const counted = decide(failure('dns', 'registry'), long);
  assert.deepEqual(
    [counted.state, counted.attempt?.outcome, counted.news.kind],
    ['pending', 'dns', 'trouble'],
    'it counts, and is no failure of the agent',
  );
  assert.equal(decide(failure('dns', 'registry'), { ...long, attemptsInCycle: 2 }).state, 'failed');
});

test('what we gave up ourselves says nothing about anybody, and is due at once', () => {
  const decision = decide(failure('timeout', 'stopped'), situation({ troubleSince: 0 }));
  assert.deepEqual(
    [decision.state, decision.dueAt, decision.attempt, decision.news.kind],
    ['pending', NOW, undefined, 'nothing'],
  );
});

test('Retry-After of a 429 or 503 is for the whole lane, up to the cap, no shorter and at most 10 % longer', () => {
  const asked = (statusCode: number, retryAfter?: string, fraction = 0) => {
    const { news } = decide(
      answer(statusCode, retryAfter),
      situation({ random: { ...systemRandom, fraction: () => fraction } }),
    );
    return news.kind === 'failed' && news.askedUntil !== 0 ? news.askedUntil - NOW : 0;
  };
  for (const statusCode of [429, 503]) {
    assert.deepEqual([asked(statusCode, '3'), asked(statusCode, '3', 1)], [3000, 3300]);
    assert.equal(asked(statusCode, '3600'), 5000);
    assert.equal(asked(statusCode), 0);
    assert.equal(asked(statusCode, '0'), 0);
  }
  assert.equal(asked(500, '3'), 0);
});

test('Retry-After is honoured in both its forms, up to the cap, and never shortens the backoff', () => {
  const due = (retryAfter: string) => decide(answer(429, retryAfter), situation()).dueAt - NOW;
  assert.equal(due('3'), 3000);
  assert.equal(due(new Date(NOW + 4000).toUTCString()), 4000);
  assert.equal(due('3600'), 5000);
  assert.equal(due('0'), 1000);
  assert.equal(due(new Date(NOW - 60_000).toUTCString()), 1000);
  assert.equal(due('soon'), 1000);
  assert.equal(due('-5'), 1000);
});
