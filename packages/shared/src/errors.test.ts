import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_STATUS, errorText, invalidField, MahiloError } from './errors.ts';

test('every code is in capitals and has a status that tells an error', () => {
  for (const [code, status] of Object.entries(ERROR_STATUS)) {
    assert.match(code, /^[A-Z]+(_[A-Z]+)*$/);
    assert.ok(status >= 400 && status < 600, code);
  }
});

test('an error takes its status from its code and keeps its cause', () => {
  const cause = new Error('below');
  const error = new MahiloError('UNAVAILABLE', 'Not now.', { retryAfterSeconds: 1, cause });
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'MahiloError');
  assert.deepEqual([error.code, error.status, error.message], ['UNAVAILABLE', 503, 'Not now.']);
  assert.deepEqual([error.retryAfterSeconds, error.cause], [1, cause]);
});

test('a mistake in one field is a 400 whose sentence and details name the field', () => {
  const { code, status, message, details } = invalidField('label', 'must not be empty');
  assert.deepEqual([code, status], ['INVALID_REQUEST', 400]);
  assert.equal(message, 'label must not be empty.');
  assert.deepEqual(details, [{ path: 'label', message: 'must not be empty' }]);
});

test('anything that was thrown has a text', () => {
  assert.equal(errorText(new TypeError('broken')), 'broken');
  assert.equal(errorText('broken'), 'broken');
  assert.equal(errorText(undefined), 'undefined');
});
