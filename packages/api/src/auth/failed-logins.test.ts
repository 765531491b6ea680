import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { ApiTelemetry } from '../telemetry.ts';
import { FailedLogins } from './failed-logins.ts';

const settings = loadSettings({
  SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
  RATE_LIMIT_IP: '3',
});

function failedLogins() {
  const clock = { time: 0, now: () => clock.time, monotonicMs: () => clock.time };
  const logins = new FailedLogins({ clock, settings, telemetry: new ApiTelemetry(createRegistry('api')) });
  /** The refusal of a wrong key: its code, and how long (s) to wait. */
  const tryKey = (ip = '192.0.2.1', authorization: string | undefined = 'Bearer wrong') => {
    const { code, retryAfterSeconds } = logins.refusal(ip, authorization);
    return [code, retryAfterSeconds];
  };
  return { clock, logins, tryKey };
}

const REFUSED = ['UNAUTHORIZED', undefined];
const paused = (seconds: number) => ['RATE_LIMITED', seconds];

test('guessing keys for longer than a minute: each further try brings a longer pause, up to a minute', () => {
  const { clock, tryKey } = failedLogins();
  for (let i = 0; i < 3; i++) assert.deepEqual(tryKey(), REFUSED);
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    assert.deepEqual(tryKey(), paused(seconds));
    clock.time += seconds * 1000 - 1;
    assert.deepEqual(tryKey(), paused(1));
    clock.time += 1;
    assert.deepEqual(tryKey(), REFUSED);
  }
});

test('an address that has been quiet for ten minutes begins anew', () => {
  const { clock, tryKey } = failedLogins();
  for (let i = 0; i < 3; i++) tryKey();
  clock.time += 600_001;
  for (let i = 0; i < 3; i++) assert.deepEqual(tryKey(), REFUSED);
  assert.deepEqual(tryKey(), paused(1));
});

test('locking others out: a pause is of one address, and of requests with a wrong key', () => {
  const { logins, tryKey } = failedLogins();
  for (let i = 0; i < 9; i++) tryKey('192.0.2.1');
  assert.deepEqual(tryKey('192.0.2.1'), paused(1));
  assert.deepEqual(tryKey('192.0.2.2'), REFUSED);
  assert.equal(logins.refusal('192.0.2.1', undefined).code, 'UNAUTHORIZED');
});

test('filling the memory with addresses: the oldest are forgotten', () => {
  const { tryKey } = failedLogins();
  for (let i = 0; i < 4; i++) tryKey();
  for (let i = 0; i < 10_000; i++) tryKey(`10.0.${i >> 8}.${i & 255}`);
  assert.deepEqual(tryKey(), REFUSED);
});
