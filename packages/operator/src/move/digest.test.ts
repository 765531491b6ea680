import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from './digest.ts';
import type { Row } from './tables.ts';

function sumOf(...rows: Row[]) {
  const digest = new Digest();
  for (const row of rows) digest.add(row);
  return digest.sum();
}

const ROW = { id: 'a', at: 1, hash: Buffer.from([1, 2]), note: null };

test('rows that are the same have the same sum, whatever the order of their columns', () => {
  const other = { note: null, hash: new Uint8Array([1, 2]), at: 1, id: 'a' };
  assert.deepEqual(sumOf(ROW), sumOf(other));
  assert.equal(sumOf(ROW, ROW).rows, 2);
});

test('any other value, row or order is another sum', () => {
  const second = { ...ROW, id: 'b' };
  const others = [
    [{ ...ROW, id: 'A' }, second],
    [{ ...ROW, at: '1' }, second],
    [{ ...ROW, note: '' }, second],
    [{ ...ROW, hash: Buffer.from([1, 3]) }, second],
    [second, ROW],
    [ROW],
    [ROW, second, second],
  ];
  const { sha256 } = sumOf(ROW, second);
  for (const rows of others) assert.notEqual(sumOf(...rows).sha256, sha256);
});
