import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 10, 6, 8, 49, 7);

test('seconds, and all three forms of an HTTP date, which are in UTC wherever the registry runs', () => {
  const zone = process.env['TZ'];
  for (const place of ['UTC', 'America/New_York', 'Asia/Kolkata']) {
    process.env['TZ'] = place;
    assert.equal(new Date(NOW).getHours() === 8, place === 'UTC', 'the zone has changed');
    for (const header of [
      '30',
      ' 30 ',
      'Fri, 06 Nov 2026 08:49:37 GMT',
      'Friday, 06-Nov-26 08:49:37 GMT',
      'Fri Nov  6 08:49:37 2026',
    ]) {
      assert.equal(retryAfterMs(header, NOW), 30_000, `${header} in ${place}`);
    }
  }
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test('a moment that is over asks for nothing, and a year of two digits may be of the last century', () => {
  assert.equal(retryAfterMs('Fri, 06 Nov 2026 08:49:06 GMT', NOW), 0);
  assert.equal(retryAfterMs('Sunday, 06-Nov-94 08:49:37 GMT', NOW), 0);
});

test('what makes no sense is no wish', () => {
  for (const header of [
    undefined,
    '',
    'soon',
    '-5',
    '1e3',
    '2026-11-06T08:49:37Z',
    'Fri, 06 Nov 2026 08:49:37',
  ])
    assert.equal(retryAfterMs(header, NOW), undefined, header);
});

test('however many digits it has, it asks for a long wait', () => {
  assert.ok(Number(retryAfterMs('99999999999', NOW)) > 86_400_000);
  assert.ok(Number.isSafeInteger(NOW + Number(retryAfterMs('9'.repeat(400), NOW))));
});
