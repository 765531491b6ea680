import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isoTime, systemClock } from './clock.ts';

test('the system clock gives whole milliseconds since the epoch', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_767_323_045_678 });
  assert.equal(systemClock.now(), 1_767_323_045_678);
});

test('a time of the database stands in JSON as ISO 8601 in UTC, with milliseconds', () => {
  assert.equal(isoTime(1_767_323_045_678), '2026-01-02T03:04:05.678Z');
  assert.equal(isoTime(0), '1970-01-01T00:00:00.000Z');
});
