import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { appendEvents } from '@mahilo/shared/events/append';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { testDatabase } from '@mahilo/shared/test/database';
import { pino } from 'pino';
import { ClockWatch } from './clock-watch.ts';
import { WorkerTelemetry } from './telemetry.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function scene() {
  const here = await testDatabase();
  let isAway = false;
  const db: Database = {
    ...here.db,
    get kysely() {
      return isAway ? assert.fail('The database is away.') : here.db.kysely;
    },
  };
  const lines: string[] = [];
  const registry = createRegistry('worker');
  const telemetry = new WorkerTelemetry(pino({}, { write: (line) => lines.push(line) }), registry);
  const time = { wall: here.clock.ms, monotonic: 0 };
  const clock = { now: () => time.wall, monotonicMs: () => time.monotonic };
  const watch = new ClockWatch({ db, clock, telemetry });
  return {
    here,
    lines,
    watch,
    time,
    setAway(value: boolean) {
      isAway = value;
    },
    pass(ms: number) {
      time.wall += ms;
      time.monotonic += ms;
    },
    async doubted() {
      return /^mahilo_clock_doubted (\d)$/m.exec(await registry.metrics())?.[1];
    },
    [Symbol.asyncDispose]: () => here[Symbol.asyncDispose](),
  };
}

test('a clock that jumps is noticed, logged, and not believed until it has agreed for ten minutes', async () => {
  await using it = await scene();
  const { watch } = it;
  assert.equal(await watch.look(), false);
  assert.deepEqual(
    [watch.isBelieved, watch.hasAgreed],
    [true, false],
    'at its start a process only deletes nothing',
  );
  it.pass(10 * MINUTE_MS);
  await watch.look();
  assert.equal(watch.hasAgreed, true);
  it.time.wall += MINUTE_MS / 2;
  assert.equal(await watch.look(), false, 'a correction is no jump');
  it.time.wall += 40 * DAY_MS;
  assert.equal(await watch.look(), true);
  assert.match(it.lines.join(), /"by_ms":3456000000.*clock of this machine was set/);
  assert.deepEqual([watch.isBelieved, watch.hasAgreed, await it.doubted()], [false, false, '1']);
  it.pass(5 * MINUTE_MS);
  it.time.wall -= 40 * DAY_MS;
  assert.equal(await watch.look(), true);
  it.pass(9 * MINUTE_MS);
  await watch.look();
  assert.equal(watch.isBelieved, false);
  it.pass(MINUTE_MS);
  await watch.look();
  assert.deepEqual([watch.isBelieved, watch.hasAgreed, await it.doubted()], [true, true, '0']);
});

test('a clock that is behind the newest event is not believed, however long it has been so', async () => {
  await using it = await scene();
  const event = { userId: it.here.recipient, type: 'friend_request', data: {} } as const;
  await it.here.db.write((trx) => appendEvents(trx, [event], it.time.wall + 2 * DAY_MS));
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await it.watch.look();
    assert.deepEqual([it.watch.isBelieved, it.watch.hasAgreed], [false, false]);
    it.pass(5 * MINUTE_MS);
  }
  await it.here.db.write((trx) => appendEvents(trx, [event], it.time.wall));
  await it.watch.look();
  it.pass(10 * MINUTE_MS);
  await it.watch.look();
  assert.equal(it.watch.hasAgreed, true);
});

test('a jump is remembered when the database does not answer at that moment', async () => {
  await using it = await scene();
  it.pass(10 * MINUTE_MS);
  await it.watch.look();
  it.time.wall += 40 * DAY_MS;
  it.setAway(true);
  await assert.rejects(it.watch.look(), /away/);
  it.setAway(false);
  await it.watch.look();
  assert.deepEqual([it.watch.isBelieved, it.watch.hasAgreed], [false, false]);
});
