import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type TestApp, testApp } from './test-app.ts';

let here: TestApp;
let port: number;
let key: string;

before(async () => {
  here = await testApp(() => ({}), { RATE_LIMIT: '1000' });
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = here.app.server.address() as AddressInfo);
  key = await register('ann');
});
after(() => here[Symbol.asyncDispose]());

const register = async (username: string): Promise<string> =>
  (await here.app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: { username } })).json()
    .api_key;

interface RawAnswer {
  status: number;
  headers: Headers;
  body: string;
}

/** Sends bytes as they are, on a connection of their own. */
async function exchange(head: readonly string[], body = '', hosts = ['Host: x']): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${[...head, ...hosts, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  await once(socket, 'close');
  const [first = '', ...rest] = received.split('\r\n\r\n');
  const [status = '', ...lines] = first.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ', 1)[0] ?? '', line.replace(/^[^:]*: /, '')]),
  );
  return { status: Number(status.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

const post = (path: string, ...more: string[]) => [
  `POST /api/v1${path} HTTP/1.1`,
  `Authorization: Bearer ${key}`,
  ...more,
];

function assertError({ status, headers, body }: RawAnswer, expected: number, code: string): void {
  assert.equal(status, expected, body);
  const json = JSON.parse(body);
  assert.deepEqual([json.code, json.request_id], [code, headers.get('x-request-id')]);
  assert.match(json.error, /\.$/);
}

test('an empty body is an empty body, also in chunks and without a type', async () => {
  const rotate = async (...more: string[]) => {
    const answer = await exchange(post('/auth/rotate-key', ...more), '0\r\n\r\n');
    assert.equal(answer.status, 200, answer.body);
    key = /mhl_\w+/.exec(answer.body)?.[0] ?? '';
  };
  await rotate('Transfer-Encoding: chunked');
  await rotate('Transfer-Encoding: chunked', 'Content-Type: application/json');
  await rotate('Transfer-Encoding: chunked', 'Content-Type: text/plain');
  for (const type of ['', ';', 'json']) await rotate('Transfer-Encoding: chunked', `Content-Type: ${type}`);
  const full = await exchange(post('/auth/rotate-key', 'Transfer-Encoding: chunked'), '2\r\n{}\r\n0\r\n\r\n');
  assertError(full, 415, 'UNSUPPORTED_MEDIA_TYPE');
});

test('a compressed body is refused with what would be taken instead', async () => {
  const json = ['Content-Type: application/json', 'Content-Length: 2'];
  for (const coding of ['gzip', 'br', 'deflate, gzip']) {
    const answer = await exchange(post('/friends/request', `Content-Encoding: ${coding}`, ...json), '{}');
    assertError(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    assert.equal(answer.headers.get('accept-encoding'), 'identity');
  }
  const plain = await exchange(post('/friends/request', 'Content-Encoding: identity', ...json), '{}');
  assertError(plain, 400, 'INVALID_REQUEST');
});

test('two idempotency keys are refused, also when they are the same; a comma in one is not two', async () => {
  const body = '{"recipient":"nobody-here","message":"x"}';
  const send = (...keys: string[]) => {
    const headers = keys.map((text) => `Idempotency-Key: ${text}`);
    const length = `Content-Length: ${body.length}`;
    return exchange(post('/messages/send', ...headers, 'Content-Type: application/json', length), body);
  };
  for (const second of ['a', 'b']) {
    const answer = await send('a', second);
    assertError(answer, 400, 'INVALID_REQUEST');
    assert.equal(JSON.parse(answer.body).details[0].path, 'idempotency-key');
  }
  assertError(await send('a, b'), 404, 'USER_NOT_FOUND');
});

test('what nobody can expect is 417 in the form of every error; 100-continue is answered', async () => {
  const length = 'Content-Length: 2';
  assertError(
    await exchange(post('/friends/request', 'Expect: 200-maybe', length), '{}'),
    417,
    'EXPECTATION_FAILED',
  );
  assertError(await exchange(['GET /health HTTP/1.1', 'Expect: gold']), 417, 'EXPECTATION_FAILED');
  const more = ['Expect: 100-continue', 'Content-Type: application/json', length];
  for (const twice of [[], ['Expect: 100-Continue']]) {
    const continued = await exchange(post('/friends/request', ...twice, ...more), '{}');
    assert.equal(continued.status, 100);
    assert.match(continued.body, /^HTTP\/1\.1 400 Bad Request/);
  }
});

test('who waits for 100 Continue is refused at once where the body would be, and the connection ends', async () => {
  const json = 'Content-Type: application/json';
  const wait = (head: readonly string[], ...more: string[]) =>
    exchange([...head, 'Expect: 100-continue', ...more]);
  const nobody = ['POST /api/v1/friends/request HTTP/1.1', json];
  const length = 'Content-Length: 2';
  assertError(await wait(nobody, length), 401, 'UNAUTHORIZED');
  assertError(await wait(post('/nowhere', json), length), 404, 'ROUTE_NOT_FOUND');
  assertError(
    await wait(post('/friends/request', json), 'Content-Length: 20000000'),
    413,
    'PAYLOAD_TOO_LARGE',
  );
  const text = post('/friends/request', 'Content-Type: text/plain');
  assertError(await wait(text, length), 415, 'UNSUPPORTED_MEDIA_TYPE');
  assertError(await wait(post('/friends/request', json), 'Expect: gold', length), 417, 'EXPECTATION_FAILED');
  const old = await exchange(
    [
      'POST /api/v1/friends/request HTTP/1.0',
      `Authorization: Bearer ${key}`,
      'Expect: 100-continue',
      json,
      length,
    ],
    '{}',
  );
  assertError(old, 400, 'INVALID_REQUEST');
});

test('a client that goes on sending its body after the refusal is not cut off, until it has ended', async () => {
  for (const more of ['Content-Length: 20000000', 'Transfer-Encoding: chunked']) {
    const head = post('/friends/request', 'Content-Type: application/json', more, 'Host: x');
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const cutOff: unknown[] = [];
    socket.on('error', (error) => cutOff.push(error));
    // More than the API takes, as a body and as a chunk.
    const body = `80000\r\n${' '.repeat(524_288)}`;
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 413 /);
    await once(socket.resume(), 'end');
    for (let i = 0; i < 8; i++) await new Promise((resolve) => socket.write('more', resolve));
    assert.deepEqual(cutOff, []);
    socket.end();
    await once(socket, 'close');
    assert.deepEqual(cutOff, []);
  }
});

test('CONNECT is refused in the form of every error; a body in another coding than chunked, too', async () => {
  const tunnel = await exchange(['CONNECT example.com:443 HTTP/1.1']);
  assertError(tunnel, 405, 'METHOD_NOT_ALLOWED');
  assert.match(String(tunnel.headers.get('allow')), /GET/);
  const coded = post('/auth/rotate-key', 'Transfer-Encoding: gzip, chunked');
  const answer = await exchange(coded, '0\r\n\r\n');
  assertError(answer, 400, 'INVALID_REQUEST');
  assert.equal(JSON.parse(answer.body).details[0].path, 'transfer-encoding');
});

test('the OpenAPI document uses up nobody’s requests', async () => {
  const { headers } = await here.app.inject('/openapi.json');
  assert.match(String(headers['ratelimit']), /^"static";/);
  assert.match(String(headers['content-type']), /^application\/json/);
});

test('a request names its host once; HTTP/1.0 need not', async () => {
  for (const hosts of [[], ['Host: x', 'host: x']]) {
    assertError(await exchange(['GET /health HTTP/1.1'], '', hosts), 400, 'INVALID_REQUEST');
    const wrong = await exchange(['GET /nowhere HTTP/1.1'], '', hosts);
    assert.equal(JSON.parse(wrong.body).details[0].path, 'host');
  }
  assert.equal((await exchange(['GET /health HTTP/1.1'], '', ['hOST: '])).status, 200);
  assert.equal((await exchange(['GET /health HTTP/1.0'], '', [])).status, 200);
});

test('a URL that is too long is 414, other headers that are too large 431', async () => {
  assertError(await exchange([`GET /${'x'.repeat(13_000)} HTTP/1.1`]), 414, 'URI_TOO_LONG');
  assertError(await exchange([`GET /${'x'.repeat(30_000)} HTTP/1.1`]), 414, 'URI_TOO_LONG');
  assertError(await exchange(['GET / HTTP/1.1', `X-Big: ${'x'.repeat(30_000)}`]), 431, 'HEADERS_TOO_LARGE');
});

test('the WebSocket asked for without an upgrade is 426 and says to what', async () => {
  const head = ['GET /api/v1/notifications/ws HTTP/1.1', `Authorization: Bearer ${key}`];
  const answer = await exchange(head);
  assertError(answer, 426, 'UPGRADE_REQUIRED');
  assert.equal(answer.headers.get('upgrade'), 'websocket');
});

test('the roots say what this is, to a browser as a page; the reference has a page with and without a slash', async () => {
  for (const url of ['/', '/api/v1']) {
    const json = (await here.app.inject(url)).json();
    assert.equal(json.name, 'Mahilo Registry');
    assert.match(json.version, /^\d+\.\d+\.\d+/);
    for (const link of Object.values<string>(json.links)) {
      assert.ok([200, 302].includes((await here.app.inject(link)).statusCode), link);
    }
    const page = await here.app.inject({ url, headers: { accept: 'text/html,application/xhtml+xml' } });
    assert.match(String(page.headers['content-type']), /^text\/html/);
    assert.match(page.body, /<h1>Mahilo Registry/);
    assert.equal((await here.app.inject({ method: 'HEAD', url })).statusCode, 200);
    assert.equal((await here.app.inject({ method: 'POST', url })).headers['allow'], 'GET, HEAD');
  }
  for (const url of ['/docs', '/docs/']) {
    const page = await here.app.inject(url);
    assert.equal(page.statusCode, 200, url);
    assert.match(page.body, /<h1>Mahilo Registry API/);
  }
  for (const url of ['/docs/nothing.js', '/docs/..%2f..%2fpackage.json']) {
    const missing = await here.app.inject(url);
    const { code, request_id } = missing.json();
    assert.deepEqual([missing.statusCode, code], [404, 'ROUTE_NOT_FOUND'], url);
    assert.equal(request_id, missing.headers['x-request-id']);
  }
});

test('a number in a query is a whole number as people write it', async () => {
  const ask = (path: string) =>
    here.app.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${key}` } });
  const numbers = [
    '1e309',
    'Infinity',
    '-Infinity',
    'NaN',
    '0x10',
    '1e1',
    '5.0',
    '%205',
    '5%20',
    '',
    '+5',
    '5_0',
    '٥',
  ];
  for (const list of [
    '/messages?limit=',
    '/deliveries?limit=',
    '/friends?limit=',
    '/groups?limit=',
    '/agents?limit=',
    '/policies?limit=',
    '/inbox?limit=',
    '/inbox?wait=',
  ]) {
    for (const number of numbers) {
      const answer = await ask(`${list}${number}`);
      assert.equal(answer.statusCode, 400, `${list}${number}`);
      const [{ path }] = answer.json().details;
      assert.ok(list.includes(`?${path}=`), answer.body);
    }
  }
  assert.equal((await ask('/messages?limit=5')).statusCode, 200);
  assert.equal((await ask('/messages?limit=05')).statusCode, 200);
});

test('an idempotency key may have a comma', async () => {
  const answer = await here.app.inject({
    method: 'POST',
    url: '/api/v1/messages/send',
    headers: { authorization: `Bearer ${key}`, 'idempotency-key': ',.#' },
    payload: { recipient: 'nobody-has-this-name', message: 'hello' },
  });
  assert.deepEqual([answer.statusCode, answer.json().code], [404, 'USER_NOT_FOUND']);
});
