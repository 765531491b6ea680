import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';
import { bearer, SSE, WEBSOCKET, WebSocketWatcher } from './clients.ts';

test('a stop ends streams and waits at once, also those of clients that do not read', async () => {
  // A stop that waited for one of them would wait for ever.
  await using world = new World({ SHUTDOWN_TIMEOUT_MS: '600000' });
  const api = await world.startApi();
  const agent = await world.startAgent();
  const { ann, ben } = await world.twoFriends(agent);
  const sse = await SSE.watch(world.url, ben);
  const socket = await WEBSOCKET.watch(world.url, ben);
  await eventually(() => sse.seen.length === 1);
  const silentSse = await SSE.watch(world.url, ben);
  silentSse.pause();
  const silentSocket = new WebSocketWatcher(`${world.url}/api/v1/notifications/ws`, bearer(ben));
  silentSocket.socket.on('open', () => silentSocket.pause());
  await eventually(() => silentSocket.socket.isPaused);
  // Nobody delivers: there is no worker.
  const waiting = ann.call(
    'POST',
    '/messages/send',
    { recipient: 'ben', message: 'hi' },
    { prefer: 'wait=30' },
  );
  await eventually(() => socket.seen.length === 2);
  const ended = api.kill('SIGTERM');
  assert.equal(await socket.over, 1001);
  assert.equal(await sse.over, 0);
  assert.equal(sse.response.complete, true);
  const { status, json } = await waiting;
  assert.deepEqual([status, json.status], [200, 'pending']);
  assert.equal(await ended, 0);
  for (const watcher of [silentSse, silentSocket]) {
    watcher.resume();
    await watcher.over;
  }
});
