import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../test/seeded-random.ts';
import { SettableClock } from '../test/settable-clock.ts';
import { idAtTime, idSource } from './ids.ts';

const YEAR_MS = 365 * 86_400_000;

function ids() {
  const clock = new SettableClock();
  return { clock, newId: idSource(clock, seededRandom()) };
}

test('an id is its prefix and a UUIDv7 in 26 characters of base32', () => {
  assert.match(ids().newId('conn'), /^conn_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
});

test('ids made within one millisecond are different and sort in the order they were made', () => {
  const { newId } = ids();
  const created = Array.from({ length: 10_000 }, () => newId('msg'));
  assert.equal(new Set(created).size, created.length);
  assert.deepEqual(created.toSorted(), created);
});

test('ids sort in the order they were made, also when the clock steps back', () => {
  const { clock, newId } = ids();
  const created = [0, 5, -3_600_000, 1, 3_600_000, -1].map((stepMs) => {
    clock.ms += stepMs;
    return newId('msg');
  });
  assert.deepEqual(created.toSorted(), created);
});

test('ids of two sources with the same clock are different', () => {
  const clock = new SettableClock();
  const sources = [idSource(clock, seededRandom(1)), idSource(clock, seededRandom(2))];
  assert.equal(new Set(sources.map((newId) => newId('dlv'))).size, 2);
});

test('the id at a time is greater than every id made before, and not greater than any made then', () => {
  const { clock, newId } = ids();
  const before = newId('msg');
  clock.ms += 1;
  const bound = idAtTime('msg', clock.ms);
  assert.ok(before < bound);
  assert.ok(bound <= newId('msg'));
});

test('the id at a time that no id can name is that of the nearest that one can', () => {
  const { newId } = ids();
  assert.ok(idAtTime('msg', Number.MAX_SAFE_INTEGER) > newId('msg'));
  assert.equal(idAtTime('msg', Number.MAX_SAFE_INTEGER), idAtTime('msg', Number.POSITIVE_INFINITY));
  // Before 1970: what a retention of 100 years asks for.
  assert.equal(idAtTime('msg', -40 * YEAR_MS), idAtTime('msg', 0));
  assert.ok(idAtTime('msg', -YEAR_MS) < newId('msg'));
});
