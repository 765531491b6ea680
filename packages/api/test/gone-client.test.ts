import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { Happenings } from '../src/happenings.ts';

const settings = loadSettings({ SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough' });

test('a client that goes away frees its wait: for the outcome of a send, for messages, for events', {
  timeout: 60_000,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mahilo-test-'));
  const db = await openDatabase(join(directory, 'mahilo.db'));
  /** Who wants to be told of commits: the feed does while somebody waits. */
  let listening = 0;
  const onCommit: Database['onCommit'] = (listener) => {
    listening += 1;
    const added = db.onCommit(listener);
    return {
      [Symbol.dispose]() {
        listening -= 1;
        added[Symbol.dispose]();
      },
    };
  };
  const egress = createEgressClient({ policy: egressPolicy(settings), timeoutMs: 1000, userAgent: 'test' });
  const app = await buildApp({
    settings,
    db: { ...db, onCommit },
    clock: systemClock,
    random: systemRandom,
    newId: idSource(systemClock, systemRandom),
    keys: keyRing(settings),
    log: createLogger('api', 'silent'),
    happenings: new Happenings(createRegistry('api')),
    egress,
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const call = async (method: 'GET' | 'POST', path: string, key?: string, payload?: object) =>
    (
      await app.inject({
        method,
        url: `/api/v1${path}`,
        ...(key && { headers: { authorization: `Bearer ${key}` } }),
        ...(payload && { payload }),
      })
    ).json();
  const [ann, ben, dora] = await Promise.all(
    ['ann', 'ben', 'dora'].map(
      async (username) => (await call('POST', '/auth/register', undefined, { username })).api_key,
    ),
  );
  await call('POST', '/agents', ben, { framework: 'test', label: 'main', mode: 'polling' });
  await call('POST', '/agents', dora, { framework: 'test', label: 'main', mode: 'polling' });
  await call('POST', '/friends/request', ann, { username: 'ben' });
  await call('POST', '/friends/request', ben, { username: 'ann' });
  const idle = listening;

  const waits = [
    ['POST', '/messages/send', ann, JSON.stringify({ recipient: 'ben', message: 'hi' })],
    ['GET', '/inbox?wait=30', dora, undefined],
    ['GET', '/events', ben, undefined],
  ] as const;
  for (const [method, path, key, body] of waits) {
    const headers = { authorization: `Bearer ${key}`, prefer: 'wait=30', 'content-type': 'application/json' };
    const waiting = request(`${url}/api/v1${path}`, { method, headers });
    waiting.on('error', () => undefined);
    waiting.end(body);
    while (listening === idle) await sleep(1);
    waiting.destroy();
    while (listening > idle) await sleep(1);
  }
  assert.equal(listening, idle);
  await app.close();
  await db.close();
  egress.close();
  rmSync(directory, { recursive: true });
});
