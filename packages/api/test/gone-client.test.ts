import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { CommitListeners } from './commit-listeners.ts';
import { testApp } from './test-app.ts';
import { until } from './until.ts';

test('a client that goes away frees its wait: for the outcome of a send, for messages, for events', {
  timeout: 60_000,
}, async () => {
  const listeners = new CommitListeners();
  await using here = await testApp(listeners.watch);
  const { app } = here;
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
  const idle = listeners.count;

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
    await until(() => listeners.count > idle);
    waiting.destroy();
    await until(() => listeners.count <= idle);
  }
  assert.equal(listeners.count, idle);
});
