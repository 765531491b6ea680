import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Turns } from './turns.ts';

/** Requests with this many milliseconds of work in microtasks, like those that only ask SQLite; records whose turn it was when. */
function place() {
  const clock = { ms: 0, monotonicMs: () => clock.ms };
  const turns = new Turns(clock);
  const log: string[] = [];
  const ask = (owner: string, name: string, costMs: number) =>
    turns.take(owner, () => {
      log.push(`${name}@${clock.ms}`);
      queueMicrotask(() =>
        queueMicrotask(() => {
          clock.ms += costMs;
        }),
      );
    });
  return { clock, log, ask };
}

test('cheap requests of one turn go in at once, in their order', async () => {
  const { log, ask } = place();
  for (let n = 0; n < 8; n += 1) ask('ann', `a${n}`, 1);
  assert.deepEqual(log, ['a0@0'], 'the first does not wait');
  await turn();
  assert.deepEqual(
    log,
    Array.from({ length: 8 }, (_, n) => `a${n}@${n}`),
  );
});

test('a turn ends when it has lasted long enough: the event loop does everything else first', async () => {
  const { log, ask } = place();
  for (let n = 0; n < 8; n += 1) ask('ann', `a${n}`, 4);
  for (let n = 0; n < 100; n += 1) await new Promise((resolve) => process.nextTick(resolve));
  assert.deepEqual(log, ['a0@0', 'a1@4', 'a2@8']);
  await turn();
  assert.deepEqual(log.slice(3, 5), ['a3@12', 'a4@16']);
});

test('owners take turns, however many requests one of them has sent before', async () => {
  const { log, ask } = place();
  for (let n = 0; n < 100; n += 1) ask('ann', `a${n}`, 5);
  ask('ben', 'b0', 5);
  ask('ben', 'b1', 5);
  for (let n = 0; n < 4; n += 1) await turn();
  assert.deepEqual(log.slice(0, 5), ['a0@0', 'a1@5', 'b0@10', 'a2@15', 'b1@20']);
});

test('who is costly waits three times as long as it took, together with all others who are; nobody else waits', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { clock, log, ask } = place();
  ask('ann', 'a0', 40);
  ask('ann', 'a1', 40);
  ask('eve', 'e0', 40);
  await turn();
  await turn();
  await turn();
  // Nothing showed that Eve's would be costly.
  assert.deepEqual(log, ['a0@0', 'e0@40']);
  ask('eve', 'e1', 1);
  ask('ben', 'b0', 1);
  await turn();
  assert.deepEqual(log.slice(2), ['b0@80']);
  clock.ms = 200;
  t.mock.timers.tick(120);
  await turn();
  assert.deepEqual(log.slice(3), ['a1@200'], 'neither goes in one ms earlier');
  clock.ms = 361;
  t.mock.timers.tick(120);
  await turn();
  assert.deepEqual(log.slice(4), ['e1@361']);
});

test('somebody is costly for five seconds', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { clock, log, ask } = place();
  ask('ann', 'a0', 2000);
  await turn();
  clock.ms = 7001;
  ask('eve', 'e0', 100);
  await turn();
  ask('ann', 'a1', 1);
  await turn();
  assert.deepEqual(log.at(-1), 'a1@7101', 'she waits for nobody any more');
});
