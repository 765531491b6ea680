import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { AgentDouble } from '../world/agent-double.ts';
import type { Client } from '../world/client.ts';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';
import {
  bearer,
  KINDS,
  lastId,
  logged,
  SSE,
  SseWatcher,
  upgrade,
  WEBSOCKET,
  WebSocketWatcher,
} from './clients.ts';

/** Long enough for a busy machine: a client has to answer within it. */
const HEARTBEAT_MS = 700;
const world = new InProcessWorld({ STREAM_HEARTBEAT_MS: String(HEARTBEAT_MS), STREAMS_PER_USER: '3' });
let agent: AgentDouble;
let ann: Client;
let ben: Client;

before(async () => {
  await world.startApi();
  await world.startWorker();
  agent = await world.startAgent();
  ({ ann, ben } = await world.twoFriends(agent));
});
after(() => world[Symbol.asyncDispose]());

for (const kind of KINDS) {
  test(`${kind.name}: what happens arrives as it happens, after an event that says where the stream begins`, async () => {
    await using mine = await kind.watch(world.url, ben);
    await using theirs = await kind.watch(world.url, ann);
    await eventually(() => mine.seen.length === 1 && theirs.seen.length === 1);
    const [connection] = mine.seen;
    assert.equal(connection?.type, 'connection');
    assert.deepEqual(connection?.data, { username: 'ben', events_lost: false });
    const sent = await ann.send(ben, 'hello', { correlation_id: 'c-1' });
    await eventually(() => mine.seen.length === 2 && theirs.seen.length === 2);
    const { id, timestamp, ...received } = logged(mine)[0] ?? {};
    assert.deepEqual(received, {
      type: 'message_received',
      data: {
        message_id: sent.message_id,
        delivery_id: sent.delivery_id,
        sender: 'ann',
        connection_id: (await ben.ok('GET', '/agents'))[0].id,
        correlation_id: 'c-1',
      },
    });
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Number(id) > Number(connection?.id));
    assert.deepEqual(logged(theirs)[0]?.data, {
      message_id: sent.message_id,
      delivery_id: sent.delivery_id,
      status: 'delivered',
      message_status: 'delivered',
      correlation_id: 'c-1',
    });
  });

  test(`${kind.name}: a client that comes back gets what it missed, and nothing twice`, async () => {
    let last: string;
    {
      await using first = await kind.watch(world.url, ben);
      await eventually(() => first.seen.length === 1);
      last = lastId(first);
    }
    const ids: string[] = [];
    for (let n = 0; n < 250; n++) ids.push((await ann.send(ben, `missed ${n}`)).message_id);
    await using again = await kind.watch(world.url, ben, last);
    await eventually(() => again.seen.length >= 251);
    assert.deepEqual(again.seen[0]?.data, { username: 'ben', resumed_after: last, events_lost: false });
    assert.equal(again.seen[0]?.id, last);
    assert.deepEqual(
      logged(again).map(({ data }) => data['message_id']),
      ids,
    );
  });

  test(`${kind.name}: an id that is not of this log is told as a loss`, async () => {
    await using watcher = await kind.watch(world.url, ben, '900000000');
    await eventually(() => watcher.seen.length === 1);
    assert.equal(watcher.seen[0]?.data['events_lost'], true);
    const { message_id } = await ann.send(ben, 'goes on');
    await eventually(() => logged(watcher).some(({ data }) => data['message_id'] === message_id));
  });

  test(`${kind.name}: an id that is none is refused with its field`, async () => {
    const path = kind === SSE ? '/events' : '/notifications/ws';
    const answer = await ben.call('GET', `${path}?last_event_id=yesterday`);
    assert.equal(answer.status, 400);
    assert.equal(answer.json.code, 'INVALID_REQUEST');
    assert.equal(answer.json.details[0].path, 'last_event_id');
  });

  test(`${kind.name}: when its key is replaced the stream ends, with nothing that happened afterwards`, async () => {
    const cora = await world.nobody.register(`cora-${kind.name.toLowerCase()}`);
    await using watcher = await kind.watch(world.url, cora);
    await eventually(() => watcher.seen.length === 1);
    const { api_key } = await cora.ok('POST', '/auth/rotate-key');
    await ann.ok('POST', '/friends/request', { username: cora.username });
    assert.equal(await watcher.over, kind === SSE ? 0 : 4001);
    assert.deepEqual(logged(watcher), []);
    const headers = { authorization: `Bearer ${api_key}` };
    const answer = await SseWatcher.open(
      `${world.url}/api/v1/events?last_event_id=${lastId(watcher)}`,
      headers,
    );
    await eventually(() => answer.seen.length === 2);
    await answer[Symbol.asyncDispose]();
    assert.deepEqual(
      answer.seen.map(({ type }) => type),
      ['connection', 'friend_request'],
    );
  });

  test(`${kind.name}: a user has so many streams and no more, and a closed one makes room`, async () => {
    const dora = await world.nobody.register(`dora-${kind.name.toLowerCase()}`);
    const open = await Promise.all([1, 2, 3].map(() => kind.watch(world.url, dora)));
    const refused = await dora.call('GET', '/events');
    assert.deepEqual([refused.status, refused.json.code], [429, 'TOO_MANY_STREAMS']);
    const socket = new WebSocketWatcher(`${world.url}/api/v1/notifications/ws`, bearer(dora));
    assert.equal(await socket.over, 4029);
    await open[0]?.[Symbol.asyncDispose]();
    await eventually(async () => {
      await using another = await kind.watch(world.url, dora);
      await eventually(() => another.seen.length === 1, 1000);
      return true;
    });
    await Promise.all(open.map((watcher) => watcher[Symbol.asyncDispose]()));
  });
}

test('SSE: headers let nothing between buffer or keep it, and comments keep the line alive', async () => {
  await using watcher = await SseWatcher.open(`${world.url}/api/v1/events`, bearer(ben));
  const { headers, statusCode } = watcher.response;
  assert.equal(statusCode, 200);
  assert.match(String(headers['content-type']), /^text\/event-stream/);
  assert.equal(headers['cache-control'], 'no-store, no-transform');
  assert.equal(headers['x-accel-buffering'], 'no');
  assert.ok(headers['x-request-id']);
  await eventually(() => (watcher.text.match(/^: still here$/gm) ?? []).length >= 2);
  assert.match(watcher.text, /^retry: \d+\n\nid: \d+\nevent: connection\ndata: \{/);
});

test('SSE: the header counts before the parameter, which an EventSource that comes back cannot change', async () => {
  await using watcher = await SseWatcher.open(`${world.url}/api/v1/events?last_event_id=1`, {
    ...bearer(ben),
    'last-event-id': '2',
  });
  await eventually(() => watcher.seen.length > 0);
  assert.equal(watcher.seen[0]?.data['resumed_after'], '2');
  await using fresh = await SseWatcher.open(`${world.url}/api/v1/events`, {
    ...bearer(ben),
    'last-event-id': '',
  });
  await eventually(() => fresh.seen.length > 0);
  assert.equal(fresh.seen[0]?.data['resumed_after'], undefined);
});

test('both are refused like every other route: no key, wrong method, unknown path', async () => {
  const noKey = await world.nobody.call('GET', '/events');
  assert.deepEqual([noKey.status, noKey.json.code], [401, 'UNAUTHORIZED']);
  assert.equal(noKey.headers.get('www-authenticate'), 'Bearer');
  assert.equal((await world.nobody.call('GET', '/notifications/ws')).status, 401);
  // A key in the URL counts for the WebSocket only.
  assert.equal((await world.nobody.call('GET', `/events?api_key=${ben.apiKey}`)).status, 401);
  for (const path of ['/events', '/notifications/ws']) {
    for (const method of ['POST', 'HEAD', 'DELETE']) {
      const answer = await ben.call(method, path);
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.get('allow'), 'GET');
    }
    assert.equal((await ben.call('GET', `${path}/more`)).json.code, 'ROUTE_NOT_FOUND');
  }
  const plain = await ben.call('GET', '/notifications/ws');
  assert.deepEqual([plain.status, plain.json.code], [426, 'UPGRADE_REQUIRED']);
  assert.equal(plain.headers.get('upgrade'), 'websocket');
});

test('WebSocket: a key in the URL is as good, and a bad one closes with 4001', async () => {
  const at = (query: string) => `${world.url.replace('http', 'ws')}/api/v1/notifications/ws${query}`;
  // Browsers' WebSocket, which cannot set a header.
  const socket = new globalThis.WebSocket(at(`?api_key=${ben.apiKey}`));
  const first = await new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => resolve(String(data));
  });
  assert.equal(JSON.parse(first).type, 'connection');
  socket.close();
  const bad = `mhl_${'a'.repeat(12)}_${'b'.repeat(36)}`;
  for (const query of ['', '?api_key=nonsense', `?api_key=${bad}`]) {
    const refused = new globalThis.WebSocket(at(query));
    const code = await new Promise<number>((resolve) => {
      refused.onclose = (event) => resolve(event.code);
    });
    assert.equal(code, 4001, query);
  }
});

test('WebSocket: the answer that opens it carries the request id', async () => {
  await using watcher = new WebSocketWatcher(`${world.url}/api/v1/notifications/ws`, {
    ...bearer(ben),
    'x-request-id': 'opened-here',
  });
  const [response] = await once(watcher.socket, 'upgrade');
  assert.equal(response.headers['x-request-id'], 'opened-here');
});

test('WebSocket: a handshake that is none is refused in the form of every error', async () => {
  const url = `${world.url}/api/v1/notifications/ws`;
  const key = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  for (const headers of [{}, { ...key, 'sec-websocket-version': '1' }, { ...key, upgrade: 'h2c' }]) {
    const { status, body } = await upgrade(url, { ...bearer(ben), ...headers });
    assert.equal(status, 400);
    const { error, code, request_id } = JSON.parse(body);
    assert.equal(code, 'INVALID_REQUEST');
    assert.match(error, /^(Missing or i|I)nvalid .* header\.$/);
    assert.ok(request_id);
  }
});

test('WebSocket: a ping is answered; what is no message of ours is not; too much of it ends the stream', async () => {
  await using watcher = await WEBSOCKET.watch(world.url, ben);
  const { socket } = watcher;
  socket.send('{"type":"pong"}');
  socket.send('not json');
  socket.send(Buffer.from([0xff, 0xfe]));
  socket.send('null');
  socket.send('{"type":"ping"}');
  await eventually(() => watcher.seen.length === 2);
  const { type, timestamp, ...rest } = watcher.seen[1] ?? {};
  assert.equal(type, 'pong');
  assert.ok(timestamp);
  assert.deepEqual(rest, {});
  for (let n = 0; n < 2000; n++) socket.send('{"type":"ping"}');
  assert.equal(await watcher.over, 4029);
});

test('WebSocket: a message that is too large for a ping closes with 1009', async () => {
  await using watcher = await WEBSOCKET.watch(world.url, ben);
  watcher.socket.send('x'.repeat(5000));
  assert.equal(await watcher.over, 1009);
});

test('WebSocket: a client that does not answer the heartbeat is let go, one that does stays', async () => {
  const silent = new WebSocketWatcher(`${world.url}/api/v1/notifications/ws`, bearer(ben));
  silent.socket.on('open', () => silent.pause());
  await using lively = await WEBSOCKET.watch(world.url, ben);
  const { socket } = lively;
  let heartbeats = 0;
  socket.on('ping', () => {
    heartbeats += 1;
  });
  await eventually(() => heartbeats > 5);
  silent.resume();
  assert.equal(await silent.over, 1006);
  assert.equal(socket.readyState, socket.OPEN);
});

test('a client that offers another protocol on an ordinary route is simply answered', async () => {
  const body = JSON.stringify({ recipient: 'ben', message: 'over h2c, if you like' });
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' };
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const call = request(`${world.url}/api/v1/messages/send`, {
      method: 'POST',
      headers: { ...bearer(ann), ...headers, 'content-type': 'application/json' },
    });
    call.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject);
    call.end(body);
  });
  assert.equal(status, 200);
});
