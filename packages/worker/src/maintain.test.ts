import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSettings } from '@mahilo/shared/config/load';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { systemRandom } from '@mahilo/shared/random';
import { countSecrets } from '@mahilo/shared/rotation/sealed-secrets';
import { deriveKeys, keyRing } from '@mahilo/shared/sealing/key-ring';
import { seal } from '@mahilo/shared/sealing/seal';
import { testDatabase } from '@mahilo/shared/test/database';
import { pino } from 'pino';
import { ClockWatch } from './clock-watch.ts';
import { startMaintenance } from './maintain.ts';
import { WorkerTelemetry } from './telemetry.ts';

const OLD = 'the-old-secret-key-0123456789-0123456789';
const NEW = 'the-new-secret-key-0123456789-0123456789';
const MINUTE_MS = 60_000;

test('callback secrets under the previous key are sealed anew, once the processes that know only that one are gone', async (t) => {
  await using here = await testDatabase();
  const { db } = here;
  const id = here.newId('conn');
  const secret = seal(deriveKeys(OLD).sealing, 'secret', id, systemRandom);
  await here.addConnection({ id, callback_secret: secret });
  const settings = loadSettings({ SECRET_KEY: NEW, SECRET_KEY_PREVIOUS: OLD });
  const keys = keyRing(settings);
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const telemetry = new WorkerTelemetry(log, createRegistry('worker'));
  let now = 0;
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = { now: () => now, monotonicMs: () => now };
  const deps = { db, clock, telemetry, settings, keys, random: systemRandom };
  const limits = { slots: 1, breakerFailures: 1, unprovenPerMinute: 1 };
  const maintenance = startMaintenance(deps, limits, new ClockWatch(deps), {
    wake: () => undefined,
    cleansUp: () => true,
  });
  now = 59_999;
  t.mock.timers.tick(30_000);
  // Each round has a write and little else: after a few of ours both have ended.
  for (let n = 0; n < 10; n++) await db.write(async () => {});
  assert.deepEqual(lines, []);
  now = 60_000;
  t.mock.timers.tick(30_000);
  while (lines.length === 0) await db.write(async () => {});
  await maintenance[Symbol.asyncDispose]();
  assert.deepEqual(await countSecrets(db.kysely, keys), { current: 1, previous: 0, lost: 0 });
});

test('the rounds go on while there is much to clean up', { timeout: MINUTE_MS }, async (t) => {
  await using here = await testDatabase();
  const { db } = here;
  const settings = loadSettings({ SECRET_KEY: NEW });
  const telemetry = new WorkerTelemetry(pino({ enabled: false }), createRegistry('worker'));
  t.mock.timers.enable({ apis: ['setInterval'] });
  let ms = 0;
  const later = () => {
    ms += MINUTE_MS;
    return ms;
  };
  // So slow a clock finds that a write had the lock for a minute: after each of its writes the cleaning rests for longer than this test.
  const clock = { now: () => ms, monotonicMs: later };
  const deps = { db, clock, telemetry, settings, keys: keyRing(settings), random: systemRandom };
  const limits = { slots: 1, breakerFailures: 1, unprovenPerMinute: 1 };
  let rounds = 0;
  const watch = new ClockWatch(deps);
  while (!watch.hasAgreed);
  const wake = () => {
    rounds += 1;
  };
  await using _maintenance = startMaintenance(deps, limits, watch, { wake, cleansUp: () => true });
  for (let n = 1; n <= 3; n++) {
    while (rounds < n) await db.write(async () => {});
    t.mock.timers.tick(25_000);
  }
});

test('a round leaves an agent alone for as long as it asked, up to the cap and what spreads such waits', async () => {
  await using here = await testDatabase();
  const { db, clock } = here;
  const settings = loadSettings({ SECRET_KEY: NEW });
  const telemetry = new WorkerTelemetry(pino({ enabled: false }), createRegistry('worker'));
  const connection = await here.addConnection();
  await here.send(connection);
  const askedUntil = clock.ms + Math.round(settings.RETRY_MAX_MS * 1.1);
  await db.kysely.updateTable('lanes').set({ asked_until: askedUntil }).execute();
  const deps = { db, clock, telemetry, settings, keys: keyRing(settings), random: systemRandom };
  const limits = { slots: 1, breakerFailures: 1, unprovenPerMinute: 1 };
  const woken = Promise.withResolvers<void>();
  const surroundings = { wake: woken.resolve, cleansUp: () => true };
  await using _maintenance = startMaintenance(deps, limits, new ClockWatch(deps), surroundings);
  await woken.promise;
  const lane = await here.lane(connection);
  assert.deepEqual([lane.asked_until, lane.ready_at], [askedUntil, askedUntil]);
});
