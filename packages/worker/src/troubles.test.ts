import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Troubles } from './troubles.ts';

const HOUR_MS = 3_600_000;

function heard() {
  let now = 0;
  const lines: string[] = [];
  const troubles = new Troubles(
    { now: () => now, monotonicMs: () => now },
    {
      began: (error) => lines.push(`began: ${error}`),
      lasts: (error, lanes) => lines.push(`lasts: ${error} (${lanes})`),
      ended: (error) => lines.push(`ended: ${error}`),
    },
  );
  const pass = (ms: number) => {
    now += ms;
  };
  return { troubles, lines, pass };
}

test('a trouble is told when it begins, once an hour while it lasts, and when it ends for the last lane', () => {
  const { troubles, lines, pass } = heard();
  for (let minute = 0; minute <= 150; minute += 5) {
    for (const lane of ['a', 'b', 'c']) troubles.met(lane, 'no DNS');
    pass(HOUR_MS / 12);
  }
  assert.deepEqual(lines, ['began: no DNS', 'lasts: no DNS (3)', 'lasts: no DNS (3)']);
  assert.equal(troubles.lanes, 3);
  troubles.over('a');
  troubles.over('b');
  assert.equal(lines.length, 3);
  troubles.over('c');
  troubles.over('c');
  assert.deepEqual([lines.at(-1), lines.length, troubles.lanes], ['ended: no DNS', 4, 0]);
});

test('a lane has one trouble at a time, and one that is not tried any more has none', () => {
  const { troubles, lines, pass } = heard();
  troubles.met('a', 'no DNS');
  troubles.met('a', 'no route');
  assert.deepEqual(lines, ['began: no DNS', 'ended: no DNS', 'began: no route']);
  pass(HOUR_MS);
  assert.equal(troubles.lanes, 0);
  assert.equal(lines.at(-1), 'ended: no route');
});

test('what was never in trouble can be reached in silence', () => {
  const { troubles, lines } = heard();
  troubles.over('a');
  assert.deepEqual(lines, []);
});
