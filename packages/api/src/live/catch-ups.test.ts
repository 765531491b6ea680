import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CatchUps, type Place } from './catch-ups.ts';

/** Streams that read pages, each of which takes 10 ms; records who read when. */
function place(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { ms: 0, monotonicMs: () => clock.ms };
  const catchUps = new CatchUps(clock);
  const log: string[] = [];
  const read = async (userId: string, place: Place) => {
    await place.turn;
    log.push(`${userId}@${clock.ms}`);
    clock.ms += 10;
    place[Symbol.dispose]();
  };
  const pass = async (ms: number) => {
    clock.ms += ms;
    t.mock.timers.tick(ms);
    await turn();
    await turn();
  };
  return { catchUps, log, read, pass };
}

test('after each page all rest three times as long as it took, and users take turns', async (t) => {
  const { catchUps, log, read, pass } = place(t);
  for (let n = 0; n < 3; n += 1) void read('ann', catchUps.queue('ann'));
  void read('ben', catchUps.queue('ben'));
  await turn();
  assert.deepEqual(log, ['ann@0']);
  await pass(29);
  assert.deepEqual(log, ['ann@0']);
  await pass(1);
  for (let n = 0; n < 3; n += 1) await pass(30);
  assert.deepEqual(log, ['ann@0', 'ann@40', 'ben@80', 'ann@120']);
});

test('the rest holds also for whoever comes after it began', async (t) => {
  const { catchUps, log, read, pass } = place(t);
  void read('ann', catchUps.queue('ann'));
  await turn();
  void read('ben', catchUps.queue('ben'));
  await pass(29);
  assert.deepEqual(log, ['ann@0']);
  await pass(1);
  assert.deepEqual(log, ['ann@0', 'ben@40']);
});

test('whoever gives its place up is in nobody’s way, waiting or not', async (t) => {
  const { catchUps, log, read, pass } = place(t);
  const atWork = catchUps.queue('eve');
  const waiting = catchUps.queue('eve');
  void read('ann', catchUps.queue('ann'));
  waiting[Symbol.dispose]();
  await waiting.turn;
  await pass(5);
  assert.deepEqual(log, [], 'one page at a time');
  atWork[Symbol.dispose]();
  atWork[Symbol.dispose]();
  await pass(15);
  assert.deepEqual(log, ['ann@20']);
});
