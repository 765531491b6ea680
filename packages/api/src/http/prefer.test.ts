import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredWait } from './prefer.ts';

const CASES: readonly [header: string, seconds: number | undefined][] = [
  ['wait=10', 10],
  ['WAIT = 10', 10],
  ['wait="10"', 10],
  ['respond-async, wait=5', 5],
  ['wait=5; foo=bar, respond-async', 5],
  ['handling=lenient;note="a, wait=9", wait=3', 3],
  [String.raw`x="\", wait=9", wait=3`, 3],
  ['wait=1, wait=2', 1],
  ['wait=0', 0],
  ['wait=31', 30],
  ['wait=99999999999999999999', 30],
  ['', undefined],
  ['wait', undefined],
  ['wait=', undefined],
  ['wait=soon, wait=4', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['wait=1s', undefined],
  ['waiting=4', undefined],
  ['x;wait=4', undefined],
  ['"wait=4"', undefined],
  [',,;=,"', undefined],
];

for (const [header, seconds] of CASES) {
  test(`Prefer: ${header} → ${seconds ?? 'no wait'}`, () => assert.equal(preferredWait(header), seconds));
}

test('several Prefer fields are one list, and none is none', () => {
  assert.equal(preferredWait(['respond-async', 'wait=7']), 7);
  assert.equal(preferredWait(undefined), undefined);
});

test('a header that is made to be slow is not', { timeout: 60_000 }, () => {
  // Ten times as long as Node allows: in quadratic time each would take minutes.
  for (const part of [' ', '"', 'wait', ' wait ', 'wait=', '=', ';', '\\', '"\\', ' ,']) {
    const long = part.repeat(1_000_000 / part.length);
    assert.equal(preferredWait(long), undefined, part);
    assert.equal(preferredWait(`${long}wait${long}x`), undefined, part);
  }
});
