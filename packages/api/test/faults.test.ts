import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Database } from '@mahilo/shared/db/database';
import { type TestApp, testApp } from './test-app.ts';

/** The error that the next write throws before it commits. */
let fault: unknown;
let here: TestApp;

before(async () => {
  here = await testApp((db) => ({
    write: (work) =>
      db.write(async (trx) => {
        const value = await work(trx);
        if (fault !== undefined) throw fault;
        return value;
      }),
  }));
});
after(() => here[Symbol.asyncDispose]());

const register = (username: string) =>
  here.app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: { username } });

async function registerWith(thrown: unknown, username: string) {
  fault = thrown;
  const answer = await register(username);
  fault = undefined;
  return answer;
}

const sqliteError = (code: string) => Object.assign(new Error('in /srv/data/mahilo.db'), { code });

test('a fault that nobody foresaw is 500 INTERNAL_ERROR without detail, and undone', async () => {
  const faults = [
    new Error('secret detail'),
    new TypeError('x is not a function'),
    'a text',
    null,
    { statusCode: 418, message: 'secret' },
  ];
  for (const thrown of faults) {
    const answer = await registerWith(thrown, 'ann');
    const { request_id, ...rest } = answer.json();
    assert.equal(answer.statusCode, 500);
    assert.deepEqual(rest, { error: 'Something went wrong on our side.', code: 'INTERNAL_ERROR' });
    assert.equal(request_id, answer.headers['x-request-id']);
  }
  assert.equal((await register('ann')).statusCode, 201);
});

test('a disk that is full or broken is 503 UNAVAILABLE with Retry-After, and nothing half-done', async () => {
  for (const code of ['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_READONLY', 'SQLITE_CORRUPT']) {
    const answer = await registerWith(sqliteError(code), 'ben');
    assert.deepEqual([answer.statusCode, answer.json().code], [503, 'UNAVAILABLE'], code);
    assert.equal(answer.headers['retry-after'], '1');
    assert.doesNotMatch(answer.body, /srv/);
  }
  assert.equal((await register('ben')).statusCode, 201);
});

test('a database that takes no write is not ready, whoever asks', async () => {
  const ready = () => here.app.inject('/ready');
  fault = sqliteError('SQLITE_FULL');
  const { statusCode, body } = await ready();
  fault = undefined;
  assert.deepEqual([statusCode, body], [503, '{"status":"unready"}']);
  assert.equal((await ready()).statusCode, 200);
});

test('health answers without a database, also when a key comes with the question', async () => {
  const headers = { authorization: `Bearer mhl_${'0'.repeat(12)}_${'0'.repeat(36)}` };
  await using broken = await testApp(() => ({ kysely: undefined as unknown as Database['kysely'] }));
  const ask = (url: string) => broken.app.inject({ url, headers });
  assert.equal((await ask('/api/v1/auth/me')).statusCode, 500);
  assert.equal((await ask('/health')).statusCode, 200);
});
