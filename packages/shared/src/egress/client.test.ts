import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientWith, ending, post } from '../../test/egress/client.ts';
import { answering, httpReceiver, httpsReceiver, rawReceiver } from '../../test/egress/receiver.ts';

const DEVELOPMENT = { NODE_ENV: 'development' } as const;

describe('an exchange', () => {
  test('sends the body byte for byte, with the given headers and no others of note', async () => {
    const seen: { headers: object; body: Buffer; method: string | undefined }[] = [];
    await using receiver = await httpReceiver((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ headers: request.headers, body: Buffer.concat(chunks), method: request.method });
        response.writeHead(202, { 'retry-after': '120' }).end('thanks');
      });
    });
    using client = clientWith(DEVELOPMENT);
    const body = Buffer.from('{"message":"h\u00e9 \u{1f600}"}');
    const exchange = await client.post({
      url: `http://127.0.0.1:${receiver.port}/hook?a=b`,
      headers: { 'content-type': 'application/json', 'x-mahilo-attempt': '1' },
      body,
    });
    assert.ok(exchange.kind === 'response' && exchange.durationMs >= 0);
    assert.deepEqual(
      { ...exchange, durationMs: 0 },
      { kind: 'response', statusCode: 202, retryAfter: '120', excerpt: 'thanks', durationMs: 0 },
    );
    assert.deepEqual(seen, [
      {
        method: 'POST',
        body,
        headers: {
          host: `127.0.0.1:${receiver.port}`,
          connection: 'keep-alive',
          'content-length': String(body.length),
          'content-type': 'application/json',
          'user-agent': 'Mahilo-Registry/test',
          'x-mahilo-attempt': '1',
        },
      },
    ]);
  });

  test('reuses one connection for one receiver, and leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
    await using receiver = await httpReceiver(answering(200, {}, 'ok'));
    using client = clientWith(DEVELOPMENT);
    for (let n = 0; n < 5; n += 1)
      assert.equal(ending(await post(client, `http://127.0.0.1:${receiver.port}/`)), 200);
    assert.equal(receiver.connections(), 1);
    assert.equal(timers(), 0);
  });

  test('speaks https, by name and by IPv6 address', async () => {
    await using receiver = await httpsReceiver(answering(204));
    await using receiver6 = await httpsReceiver(answering(204), '::1');
    using client = clientWith(DEVELOPMENT);
    assert.equal(ending(await post(client, `https://localhost:${receiver.port}/`)), 204);
    assert.equal(ending(await post(client, `https://127.0.0.1:${receiver.port}/`)), 204);
    assert.equal(ending(await post(client, `https://[::1]:${receiver6.port}/`)), 204);
    assert.equal(ending(await post(client, `https://localhost.:${receiver6.port}/`)), 204);
  });

  test('takes any status as an answer, and follows no redirect', async () => {
    using client = clientWith(DEVELOPMENT);
    await using target = await httpReceiver(answering(200));
    const location = `http://127.0.0.1:${target.port}/`;
    for (const status of [200, 204, 205, 301, 302, 303, 304, 307, 308, 400, 407, 410, 429, 500, 503, 599]) {
      await using receiver = await httpReceiver(answering(status, { location }));
      assert.equal(ending(await post(client, `http://127.0.0.1:${receiver.port}/`)), status);
    }
    assert.equal(target.connections(), 0);
  });

  test('HEAD needs no body, and has its own time', async () => {
    await using receiver = await httpReceiver((_request, response) =>
      response.writeHead(200, { 'content-length': '99' }).end(),
    );
    await using silent = await rawReceiver(() => {});
    using client = clientWith(DEVELOPMENT);
    assert.equal(ending(await client.head({ url: `http://127.0.0.1:${receiver.port}/` })), 200);
    assert.equal(ending(await client.head({ url: `http://127.0.0.1:${receiver.port}/` })), 200);
    assert.equal(receiver.connections(), 1);
    assert.equal(
      ending(await client.head({ url: `http://127.0.0.1:${silent.port}/`, timeoutMs: 50 })),
      'timeout',
    );
  });

  test('interim answers come before the real one', async () => {
    await using receiver = await rawReceiver((socket) => {
      socket.write(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      );
    });
    using client = clientWith(DEVELOPMENT);
    assert.equal(ending(await post(client, `http://127.0.0.1:${receiver.port}/`)), 200);
  });

  test('an answer that comes before the request is read counts, and does not keep the connection', async () => {
    await using receiver = await rawReceiver((socket) => {
      socket.pause().write('HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n');
    });
    using client = clientWith(DEVELOPMENT);
    const body = Buffer.alloc(16 * 1024 * 1024);
    const exchange = await client.post({ url: `http://127.0.0.1:${receiver.port}/`, headers: {}, body });
    assert.equal(ending(exchange), 413);
    for (const socket of receiver.sockets) socket.resume();
    const answeredAt = performance.now();
    while (receiver.sockets.size > 0) await nextTurn();
    assert.ok(performance.now() - answeredAt < 2000, 'it was closed only when it had been idle');
  });

  test('an answer of HTTP/1.0 ends with its connection', async () => {
    await using receiver = await rawReceiver((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nbye'));
    using client = clientWith(DEVELOPMENT);
    const exchange = await post(client, `http://127.0.0.1:${receiver.port}/`);
    assert.deepEqual([ending(exchange), exchange.kind === 'response' && exchange.excerpt], [200, 'bye']);
  });
});

describe('failures of ours', () => {
  test('an aborted exchange is not the receiver’s', async () => {
    await using receiver = await rawReceiver(() => {});
    using client = clientWith(DEVELOPMENT);
    const url = `http://127.0.0.1:${receiver.port}/`;
    assert.equal(ending(await post(client, url, AbortSignal.abort())), 'stopped: connection');
    const stopping = new AbortController();
    const pending = post(client, url, stopping.signal);
    while (receiver.connections() === 0) await nextTurn();
    stopping.abort();
    assert.equal(ending(await pending), 'stopped: connection');
  });

  test('a closed client closes its connections, and what was in flight is not the receiver’s', async () => {
    await using receiver = await rawReceiver(() => {});
    await using idle = await httpReceiver(answering(200));
    const client = clientWith(DEVELOPMENT);
    await post(client, `http://127.0.0.1:${idle.port}/`);
    const pending = post(client, `http://127.0.0.1:${receiver.port}/`);
    while (receiver.connections() === 0) await nextTurn();
    client.close();
    assert.equal(ending(await pending), 'stopped: connection');
    while (receiver.sockets.size + idle.sockets.size > 0) await nextTurn();
  });
});

describe('a reused connection', () => {
  test('that is reset before any answer is replaced once', async () => {
    let requests = 0;
    await using receiver = await rawReceiver((socket) => {
      requests += 1;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.on('data', () => {
        requests += 1;
        socket.resetAndDestroy();
      });
    });
    using client = clientWith(DEVELOPMENT);
    const url = `http://127.0.0.1:${receiver.port}/`;
    assert.equal(ending(await post(client, url)), 200);
    assert.equal(ending(await post(client, url)), 200);
    assert.deepEqual([requests, receiver.connections()], [3, 2]);
  });

  test('is replaced by a new connection, not by another old one: a receiver that restarts resets them all', async () => {
    let restarted = false;
    await using receiver = await httpReceiver((request, response) => {
      if (restarted && first.has(request.socket)) request.socket.resetAndDestroy();
      else request.resume().on('end', () => setImmediate(() => response.end()));
    });
    const first = new Set<object>();
    using client = clientWith(DEVELOPMENT);
    const url = `http://127.0.0.1:${receiver.port}/`;
    await Promise.all([post(client, url), post(client, url), post(client, url)]);
    for (const socket of receiver.sockets) first.add(socket);
    assert.equal(first.size, 3);
    restarted = true;
    assert.equal(ending(await post(client, url)), 200);
    assert.equal(receiver.connections(), 4);
  });

  test('that is reset again on a new connection is a failure', async () => {
    let connection = 0;
    await using receiver = await rawReceiver((socket) => {
      connection += 1;
      if (connection > 1) socket.resetAndDestroy();
      else
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', () =>
          socket.on('data', () => socket.resetAndDestroy()),
        );
    });
    using client = clientWith(DEVELOPMENT);
    const url = `http://127.0.0.1:${receiver.port}/`;
    assert.equal(ending(await post(client, url)), 200);
    assert.equal(ending(await post(client, url)), 'connection');
    assert.equal(receiver.connections(), 2);
  });

  test('that is reset in the middle of an answer is not tried again', async () => {
    let requests = 0;
    await using receiver = await rawReceiver((socket) => {
      requests += 1;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.on('data', () => {
        requests += 1;
        socket.write('HTTP/1.1 200 OK\r\nx-half', () => socket.resetAndDestroy());
      });
    });
    using client = clientWith(DEVELOPMENT);
    const url = `http://127.0.0.1:${receiver.port}/`;
    assert.equal(ending(await post(client, url)), 200);
    assert.equal(ending(await post(client, url)), 'connection');
    assert.equal(requests, 2);
  });

  test('a first connection that is reset is not tried again', async () => {
    await using receiver = await rawReceiver((socket) => socket.resetAndDestroy());
    using client = clientWith(DEVELOPMENT);
    assert.equal(ending(await post(client, `http://127.0.0.1:${receiver.port}/`)), 'connection');
    assert.equal(receiver.connections(), 1);
  });
});

test('warming up is a whole exchange, and nothing leaves the process', async (t) => {
  const connect = t.mock.method(Socket.prototype, 'connect');
  using client = clientWith(DEVELOPMENT);
  assert.equal(ending(await client.warmUp()), 204);
  assert.equal(connect.mock.callCount(), 0);
});
