import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '@mahilo/shared/test/database';
import { leavingRoom } from './leaving-room.ts';

const HOUR_MS = 3_600_000;

/** A clock, and a write that takes so long (ms) by it. */
function slow(takesMs: number) {
  let ms = 0;
  const work = async () => {
    ms += takesMs;
    return 'done';
  };
  return { clock: { monotonicMs: () => ms }, work };
}

test('a write is followed by a rest as long as it had the lock', async () => {
  await using here = await testDatabase();
  const { clock, work } = slow(40);
  const resting = Promise.withResolvers<number>();
  const { promise: rested, resolve: end } = Promise.withResolvers<void>();
  const db = leavingRoom(here.db, {
    clock,
    untilMs: HOUR_MS,
    signal: new AbortController().signal,
    rest(ms) {
      resting.resolve(ms);
      return rested;
    },
  });
  let hasEnded = false;
  const writing = db.write(work).finally(() => {
    hasEnded = true;
  });
  assert.equal(await resting.promise, 40);
  await here.db.write(async () => undefined);
  assert.equal(hasEnded, false, 'others write while it rests');
  end();
  assert.equal(await writing, 'done');
});

test('a stop ends the rest', async () => {
  await using here = await testDatabase();
  const { clock, work } = slow(HOUR_MS);
  const stop = new AbortController();
  const writing = leavingRoom(here.db, { clock, untilMs: 2 * HOUR_MS, signal: stop.signal }).write(work);
  await here.db.write(async () => undefined);
  stop.abort();
  assert.equal(await writing, 'done');
});

test('patience ends, so that much work does, too', async () => {
  await using here = await testDatabase();
  const { clock, work } = slow(40);
  const rests: number[] = [];
  const rest = async (ms: number) => rests.push(ms);
  const { signal } = new AbortController();
  const db = leavingRoom(here.db, { clock, untilMs: 100, signal, rest });
  for (let n = 0; n < 5; n++) await db.write(work);
  assert.deepEqual(rests, [40, 40]);
});
