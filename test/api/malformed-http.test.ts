import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually } from '../world/eventually.ts';
import { InProcessWorld } from '../world/in-process-world.ts';

const world = new InProcessWorld({ LOG_LEVEL: 'info' });
let api: Awaited<ReturnType<InProcessWorld['startApi']>>;

before(async () => {
  api = await world.startApi();
});
after(() => world[Symbol.asyncDispose]());

/** Writes bytes to the API's port, and reads the answer until the connection ends. */
function exchange(...writes: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(world.url);
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect(Number(port), hostname, () => {
    for (const bytes of writes) socket.write(bytes);
  });
  socket.on('data', (chunk) => {
    received += chunk;
  });
  // A reset after the answer ends it, too.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(received));
  return promise;
}

function assertEnvelope(answer: string, statusLine: string, code: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [status, ...headers] = head.split('\r\n');
  assert.equal(status, statusLine);
  const json = JSON.parse(body);
  assert.equal(json.code, code);
  assert.match(json.error, /\.$/);
  assert.match(json.request_id, /^req_[0-9a-f]{20}[0-9a-z]+$/);
  assert.ok(headers.some((line) => line.toLowerCase() === `x-request-id: ${json.request_id}`));
  assert.ok(headers.some((line) => line.toLowerCase() === 'connection: close'));
}

test('bytes that are not HTTP get a 400 in the form of every error, and the connection ends', async () => {
  for (const bytes of ['GARBAGE\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00', 'GET / HTTP/9.9\r\n\r\n']) {
    assertEnvelope(await exchange(bytes), 'HTTP/1.1 400 Bad Request', 'INVALID_REQUEST');
  }
});

test('who was answered with an error and does not close is cut off', async () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const { hostname, port } = new URL(world.url);
  const before = openFiles();
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.write('GARBAGE\r\n\r\n');
  await once(socket.resume(), 'end');
  // The client's end is still open, in this process as well.
  await eventually(() => openFiles() <= before + 1);
  socket.destroy();
});

test('an upgrade that is not for the WebSocket is answered like any request, and the connection goes on', {
  timeout: 60_000,
}, async () => {
  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  for (const method of ['HEAD', 'POST', 'DELETE']) {
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), hostname);
    socket.write(`${method} /api/v1/notifications/ws HTTP/1.1\r\n${upgrade}\r\n`);
    assert.match(`${await once(socket, 'data')}`, /^HTTP\/1\.1 405 /);
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(`${await once(socket, 'data')}`, /^HTTP\/1\.1 200 OK\r\n/, method);
    socket.destroy();
  }
});

test('headers that are too large get a 431', async () => {
  const answer = await exchange(`GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
  assertEnvelope(answer, 'HTTP/1.1 431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE');
});

test('two lengths for one body (request smuggling) get a 400', async () => {
  const smuggled =
    'POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  assertEnvelope(await exchange(smuggled), 'HTTP/1.1 400 Bad Request', 'INVALID_REQUEST');
});

test('a broken or abandoned body is the client’s fault, not an error of ours', async () => {
  const head = 'POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const answer = await exchange(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`);
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);

  const { hostname, port } = new URL(world.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}Content-Length: 100\r\nX-Request-Id: abandoned\r\n\r\n{"username":`, () =>
    socket.destroy(),
  );
  await new Promise((resolve) => socket.on('close', resolve));
  await fetch(`${world.url}/afterwards`);
  await api.logged('Request answered');
  assert.deepEqual(
    api.log().filter(({ level }) => Number(level) >= 40),
    [],
  );
});

test('a request in absolute form, as through a proxy, is answered like any other', async () => {
  const answer = await exchange(
    'GET http://registry.example/health HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
});
