import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wake } from './wake.ts';

test('a bell ends the wait', async () => {
  const wake = new Wake();
  const waiting = wake.wait(Number.POSITIVE_INFINITY);
  wake.ring();
  await waiting;
});

test('a bell that rang before the wait ends it at once, and only once', async () => {
  const wake = new Wake();
  wake.ring();
  await wake.wait(Number.POSITIVE_INFINITY);
  let ended = false;
  const second = wake.wait(Number.POSITIVE_INFINITY).then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  assert.equal(ended, false);
  wake.ring();
  await second;
});

test('the wait ends by itself, also when its end is in the past', async () => {
  const wake = new Wake();
  await wake.wait(1);
  await wake.wait(-5);
});
