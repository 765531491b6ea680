import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.ts';

test('bytes come in the size that was asked for, and never twice the same', () => {
  const drawn = Array.from({ length: 100 }, () => systemRandom.bytes(16));
  assert.ok(drawn.every((bytes) => bytes.length === 16));
  assert.equal(new Set(drawn.map((bytes) => bytes.toString('hex'))).size, 100);
});

test('fractions are at least 0, less than 1, and spread', () => {
  const drawn = Array.from({ length: 1000 }, () => systemRandom.fraction());
  assert.ok(drawn.every((fraction) => fraction >= 0 && fraction < 1));
  assert.ok(new Set(drawn.map((fraction) => Math.floor(fraction * 10))).size === 10);
});
