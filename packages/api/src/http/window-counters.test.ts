import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WindowCounters } from './window-counters.ts';

function counters(maxKeys = 3) {
  const clock = { time: 0, monotonicMs: () => clock.time };
  return { clock, counters: new WindowCounters(clock, 1000, maxKeys) };
}

test('a window begins with the first time that its key is seen, and ends after its length', () => {
  const { clock, counters: c } = counters();
  clock.time = 0.1;
  assert.deepEqual(c.add('a'), { count: 1, leftMs: 1000 });
  clock.time = 999;
  assert.deepEqual(c.add('a', 4), { count: 5, leftMs: 1 });
  assert.deepEqual(c.read('a'), { count: 5, leftMs: 1 });
  clock.time = 1000;
  assert.deepEqual(c.read('a'), { count: 0, leftMs: 0 });
  assert.deepEqual(c.add('a'), { count: 1, leftMs: 1000 });
});

test('filling the memory with keys: those whose windows began first are forgotten first', () => {
  const { clock, counters: c } = counters();
  for (const key of ['a', 'b', 'c']) c.add(key);
  clock.time = 1500;
  c.add('a');
  c.add('d');
  assert.deepEqual([c.read('a').count, c.read('d').count], [1, 1]);
  for (let i = 0; i < 1000; i++) c.add(`key ${i}`);
  assert.equal(c.read('a').count, 0);
});
