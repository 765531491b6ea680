import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '@mahilo/shared/clock';
import { loadSettings } from '@mahilo/shared/config/load';
import { type Database, openDatabase } from '@mahilo/shared/db/open';
import { createEgressClient } from '@mahilo/shared/egress/client';
import { egressPolicy } from '@mahilo/shared/egress/policy';
import { idSource } from '@mahilo/shared/ids';
import { createLogger } from '@mahilo/shared/observe/log';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { systemRandom } from '@mahilo/shared/random';
import { keyRing } from '@mahilo/shared/sealing/keys';
import { buildApp } from '../src/app.ts';
import type { App } from '../src/deps.ts';
import { Happenings } from '../src/happenings.ts';

const settings = loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' });
const egress = createEgressClient({ policy: egressPolicy(settings), timeoutMs: 1000, userAgent: 'test' });
const directory = mkdtempSync(join(tmpdir(), 'mahilo-test-'));
/** What the next write throws, before anything is written. */
let fault: unknown;
let db: Database;
let app: App;

before(async () => {
  db = await openDatabase(join(directory, 'mahilo.db'));
  const write: Database['write'] = (work) =>
    db.write(async (trx) => {
      const value = await work(trx);
      if (fault !== undefined) throw fault;
      return value;
    });
  app = await buildApp({
    settings,
    db: { ...db, write },
    clock: systemClock,
    random: systemRandom,
    newId: idSource(systemClock, systemRandom),
    keys: keyRing(settings),
    log: createLogger('api', 'silent'),
    happenings: new Happenings(createRegistry('api')),
    egress,
  });
});
after(async () => {
  await app.close();
  await db.close();
  egress.close();
  rmSync(directory, { recursive: true });
});

const register = (username: string) =>
  app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: { username } });

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
  const ready = () => app.inject('/ready');
  fault = sqliteError('SQLITE_FULL');
  const { statusCode, body } = await ready();
  fault = undefined;
  assert.deepEqual([statusCode, body], [503, '{"status":"unready"}']);
  assert.equal((await ready()).statusCode, 200);
});

test('health answers without a database, also when a key comes with the question', async () => {
  const headers = { authorization: `Bearer mhl_${'0'.repeat(12)}_${'0'.repeat(36)}` };
  const broken = await buildApp({
    settings,
    db: { ...db, kysely: undefined as unknown as Database['kysely'] },
    clock: systemClock,
    random: systemRandom,
    newId: idSource(systemClock, systemRandom),
    keys: keyRing(settings),
    log: createLogger('api', 'silent'),
    happenings: new Happenings(createRegistry('api')),
    egress,
  });
  assert.equal((await broken.inject({ url: '/api/v1/auth/me', headers })).statusCode, 500);
  assert.equal((await broken.inject({ url: '/health', headers })).statusCode, 200);
  await broken.close();
});
