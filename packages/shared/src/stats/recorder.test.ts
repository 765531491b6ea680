import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Histogram, Registry } from 'prom-client';
import { TestDirectory } from '../../test/directory.ts';
import { SettableClock } from '../../test/settable-clock.ts';
import { openTestDatabase, testStore } from '../../test/store.ts';
import { KEPT_MS } from './minutes.ts';
import { MinuteRecorder } from './recorder.ts';

test('each minute has what was counted in it, a quiet one no row, and old rows go', async () => {
  using directory = new TestDirectory();
  const store = testStore(directory.path);
  const db = await openTestDatabase(store);
  const clock = new SettableClock();
  const registry = new Registry();
  const registers = [registry];
  const accepted = new Counter({ name: 'mahilo_messages_accepted_total', help: 'x', registers });
  const settled = new Counter({
    name: 'mahilo_deliveries_settled_total',
    help: 'x',
    labelNames: ['state'],
    registers,
  });
  const requests = new Histogram({
    name: 'mahilo_http_request_duration_seconds',
    help: 'x',
    labelNames: ['status_class'],
    buckets: [1],
    registers,
  });
  const waits = new Histogram({
    name: 'mahilo_queue_wait_seconds',
    help: 'x',
    buckets: [0.01, 0.1],
    registers,
  });
  const recorder = new MinuteRecorder(registry, db, clock, 'one');
  const rows = () => db.kysely.selectFrom('stats_minutes').selectAll().orderBy('at').execute();

  accepted.inc(3);
  settled.inc({ state: 'delivered' }, 2);
  settled.inc({ state: 'failed' });
  requests.observe({ status_class: '2xx' }, 2);
  requests.observe({ status_class: '5xx' }, 2);
  for (const seconds of [0.001, 0.05, 0.06, 3]) waits.observe(seconds);
  await recorder.record();
  clock.ms += 60_000;
  await recorder.record();
  assert.equal((await rows()).length, 1, 'nothing happened in the second minute');
  clock.ms += 60_000;
  accepted.inc();
  waits.observe(0.001);
  await recorder.close();
  const [first, second] = await rows();
  assert.deepEqual(
    [first?.accepted, first?.delivered, first?.failed, first?.requests, first?.errors],
    [3, 2, 1, 2, 1],
  );
  assert.deepEqual(JSON.parse(first?.waits_json ?? ''), { 0.01: 1, 0.1: 2, '+Inf': 1 });
  assert.deepEqual([second?.accepted, second?.requests, second?.callbacks_json], [1, 0, null]);
  assert.deepEqual(JSON.parse(second?.waits_json ?? ''), { 0.01: 1 });

  clock.ms += KEPT_MS;
  accepted.inc();
  await recorder.record();
  assert.deepEqual(
    (await rows()).map(({ at }) => at),
    [clock.ms - KEPT_MS, clock.ms],
  );
  await db.close();
  await store.drop();
});
