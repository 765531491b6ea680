import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Notifier } from './notifier.ts';

test('a notification ends the wait', async () => {
  const notifier = new Notifier();
  const waiting = notifier.wait(Number.POSITIVE_INFINITY);
  notifier.notify();
  await waiting;
});

test('a notification before the wait ends it at once, and only once', async () => {
  const notifier = new Notifier();
  notifier.notify();
  await notifier.wait(Number.POSITIVE_INFINITY);
  let ended = false;
  const second = notifier.wait(Number.POSITIVE_INFINITY).then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  assert.equal(ended, false);
  notifier.notify();
  await second;
});

test('the wait ends by itself, also when its end is in the past', async () => {
  const notifier = new Notifier();
  await notifier.wait(1);
  await notifier.wait(-5);
});
