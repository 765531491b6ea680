import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.ts';

test('bytes come in the size that was asked for, large or small', () => {
  for (const size of [0, 1, 16, 8191, 8192, 8193, 100_000]) {
    assert.equal(systemRandom.bytes(size).length, size);
  }
});

test('guessing tokens from others: no bytes are given out twice, and none are left blank', () => {
  const drawn = Array.from({ length: 5000 }, (_, n) => systemRandom.bytes(16 + (n % 7)));
  assert.equal(new Set(drawn.map((bytes) => bytes.subarray(0, 16).toString('hex'))).size, drawn.length);
  assert.ok(drawn.every((bytes) => bytes.some((byte) => byte !== 0)));
});

test('bytes belong to who drew them: they stay as they are while others draw', () => {
  const mine = systemRandom.bytes(16);
  const before = Buffer.from(mine);
  for (let n = 0; n < 2000; n++) systemRandom.bytes(16).fill(0);
  assert.deepEqual(mine, before);
});

test('fractions are at least 0, less than 1, and spread', () => {
  const drawn = Array.from({ length: 1000 }, () => systemRandom.fraction());
  assert.ok(drawn.every((fraction) => fraction >= 0 && fraction < 1));
  assert.equal(new Set(drawn.map((fraction) => Math.floor(fraction * 10))).size, 10);
});
