import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MahiloError } from '@mahilo/shared/errors';
import { parseSince, parseTime } from './since.ts';

test('a time without a zone is in UTC, wherever the server stands', (t) => {
  const zone = process.env['TZ'];
  t.after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  for (const TZ of ['Pacific/Kiritimati', 'America/New_York', 'UTC']) {
    process.env['TZ'] = TZ;
    for (const given of [
      '2024-07-01',
      '2024-07-01T00:00',
      '2024-07-01T00:00:00.000',
      '2024-07-01T02:00+02:00',
      '2024-07-01T00:00Z',
    ]) {
      assert.equal(parseSince(given), Date.UTC(2024, 6, 1), `${given} in ${TZ}`);
    }
  }
});

test('numbers are Unix seconds or milliseconds, by their size', () => {
  assert.equal(parseSince('0'), 0);
  assert.equal(parseSince('1720000000'), 1_720_000_000_000);
  assert.equal(parseSince('1720000000.5'), 1_720_000_000_500);
  assert.equal(parseSince('1720000000123'), 1_720_000_000_123);
});

test('a time after the year 9999 has no form that everybody reads', () => {
  assert.equal(parseTime('9999-12-31T23:59:59.999Z'), Date.UTC(9999, 11, 31, 23, 59, 59, 999));
  for (const given of ['9999-12-31T23:59:59-01:00', '253402300800000', '999999999999999'])
    assert.equal(parseTime(given), undefined, given);
});

test('a day that the calendar does not have is no time', () => {
  for (const given of ['2023-02-29', '2024-02-30', '2024-04-31T00:00Z', '2024-00-01', '2024-01-00']) {
    assert.throws(
      () => parseSince(given),
      (error) => error instanceof MahiloError && error.code === 'INVALID_SINCE',
      given,
    );
  }
  assert.equal(parseSince('2024-02-29'), Date.UTC(2024, 1, 29));
});
