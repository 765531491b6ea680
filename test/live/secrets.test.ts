import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world/world.ts';
import { upgrade, WebSocketWatcher } from './clients.ts';

test('a key in a URL reaches no log, however much is logged and whatever becomes of the request', async () => {
  await using world = new World({ LOG_LEVEL: 'trace', STREAM_HEARTBEAT_MS: '300' });
  const api = await world.startApi();
  const ben = await world.nobody.register('ben');
  const wrong = `mhl_${'A'.repeat(12)}_${'B'.repeat(36)}`;
  for (const key of [String(ben.apiKey), wrong]) {
    for (const path of ['notifications/ws', 'notifications/ws/', 'events', 'nowhere', 'notifications/ws%']) {
      const watcher = new WebSocketWatcher(`${world.url}/api/v1/${path}?api_key=${key}`, {});
      await watcher.begun();
      await watcher[Symbol.asyncDispose]();
      await world.nobody.call('GET', `/${path}?api_key=${key}`);
      await world.nobody.call('POST', `/${path}?api_key=${key}`, '{');
    }
    // Keys do not belong here.
    for (const misplaced of [key, key.replaceAll('_', '%5F'), `%6D${key.slice(1)}`]) {
      await world.nobody.call('GET', `/messages/${misplaced}`);
      await world.nobody.call('GET', `/${'x'.repeat(150)}/${misplaced}`);
    }
    const answer = await world.nobody.call('GET', '/auth/me', undefined, { 'x-request-id': key });
    assert.match(String(answer.headers.get('x-request-id')), /^req_/);
    assert.equal((await upgrade(`${world.url}/api/v1/notifications/ws?api_key=${key}`)).status, 400);
  }
  await api.logged('Live stream ended');
  await api.kill('SIGTERM');
  const written = [...api.lines, ...api.errors].join('\n');
  assert.ok(written.includes('/api/v1/notifications/ws'));
  for (const key of [String(ben.apiKey), wrong]) {
    assert.ok(!written.includes(key.slice(4)), 'the key is in the log');
  }
});
