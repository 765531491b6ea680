import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectAll, type HeapSize, heapSize, IdleMemory } from './idle-memory.ts';

const MB = 1_000_000;

/** An idle memory on a heap that the test sets, and how often it collected. */
function looking(heap: HeapSize) {
  const clock = { ms: 0, monotonicMs: () => clock.ms };
  let collected = 0;
  const idle = new IdleMemory(
    () => heap,
    () => {
      collected += 1;
    },
    clock,
  );
  const look = (times: number, allocates = 0) => {
    for (let n = 0; n < times; n++) {
      heap.used += allocates;
      clock.ms += 500;
      idle.look();
    }
    return collected;
  };
  return look;
}

test('memory goes back once nothing has been done for half a minute, and not while there is work', () => {
  const look = looking({ used: 20 * MB, physical: 500 * MB });
  assert.equal(look(200, MB), 0);
  assert.equal(look(60), 0);
  assert.equal(look(1), 1);
});

test('work in between begins the half minute anew', () => {
  const look = looking({ used: 20 * MB, physical: 500 * MB });
  for (let n = 0; n < 10; n++) {
    look(50);
    assert.equal(look(1, MB), 0);
  }
});

test('what would give little back is left alone', () => {
  assert.equal(looking({ used: 20 * MB, physical: 25 * MB })(300), 0);
});

test('however work comes and goes, it happens at most once a minute', () => {
  const look = looking({ used: 20 * MB, physical: 400 * MB });
  for (let n = 0; n < 8; n++) {
    look(2, MB);
    look(73);
  }
  assert.ok(look(0) >= 4 && look(0) <= 5, `${look(0)} times in five minutes`);
});

test('a collection returns what is free to the system', () => {
  let kept: unknown[] = Array.from({ length: 500_000 }, (_, n) => ({ n }));
  const before = heapSize();
  assert.equal(kept.length, 500_000);
  kept = [];
  collectAll();
  const after = heapSize();
  assert.ok(after.used < before.used && after.physical < before.physical, JSON.stringify({ before, after }));
});
