import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { atOnce, waitingPoll } from '../inbox/scene.ts';
import { eventually } from '../world/eventually.ts';
import { World } from '../world/world.ts';
import { bearer, SSE, WEBSOCKET, WebSocketWatcher } from './clients.ts';

test('a stop ends streams, polls and waits at once, also those of clients that do not read', async () => {
  // Longer than the test: a stop that waits for a client fails it.
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
  const cid = await world.nobody.register('cid');
  const poll = await waitingPoll({ world, ann, ben: cid, connectionId: await cid.connectPolling() }, cid);
  const ended = api.kill('SIGTERM');
  const answer = await atOnce(poll.answer);
  assert.deepEqual([answer.status, answer.json], [200, []]);
  assert.equal(answer.headers.get('connection'), 'close', 'else a kept connection would hold up the stop');
  assert.equal(await socket.over, 1001);
  assert.equal(await sse.over, 0);
  assert.equal(sse.response.complete, true);
  const { status, json } = await waiting;
  assert.deepEqual([status, json.status], [200, 'pending']);
  assert.equal(await atOnce(ended), 0);
  for (const watcher of [silentSse, silentSocket]) {
    watcher.resume();
    await watcher.over;
  }
});

test('a stop is not held up by connections that never ask, or never close; what is asked meanwhile is refused', async (t) => {
  await using world = new World({ SHUTDOWN_TIMEOUT_MS: '600000' });
  const api = await world.startApi();
  const open = async (text: string) => {
    const socket = connect({ port: Number(new URL(world.url).port), host: '127.0.0.1', allowHalfOpen: true });
    t.after(() => socket.destroy());
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(text);
    return socket;
  };
  const silent = await open('');
  const silentEnd = once(silent, 'end');
  const garbled = await open('GARBAGE\r\n\r\n');
  await once(garbled, 'data');
  const asking = await open('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(asking, 'data');
  asking.write('GET /health HTTP/1.1\r\n');
  // When this is answered, the API has read the other request as well.
  await world.nobody.ok('GET', '//health');
  const ended = api.kill('SIGTERM');
  await api.logged('API is stopping');
  await silentEnd;
  asking.write('Host: x\r\n\r\n');
  const [answer] = await once(asking, 'data');
  assert.match(`${answer}`, /^HTTP\/1\.1 503 [\s\S]*x-request-id: req_[\s\S]*"code":"UNAVAILABLE"/);
  assert.match(`${answer}`, /retry-after: 1\r\n/);
  assert.match(`${answer}`, /connection: close\r\n/i);
  assert.equal(await ended, 0);
});
