import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { clientWith, ending, post } from '../../test/egress/client.ts';
import { answering, httpReceiver, httpsReceiver, rawReceiver } from '../../test/egress/receiver.ts';

const DEVELOPMENT = { NODE_ENV: 'development' } as const;
const TIMEOUT_MS = 300;

/** Writes without end, as fast as the client reads. */
function flood(socket: Socket, chunk: string): void {
  const pump = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', pump);
  pump();
}

/** Writes one piece after the other, for ever. */
function drip(socket: Socket, start: string, piece: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}

const head = (...lines: string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;

const HOSTILE: Record<string, { answer: (socket: Socket) => void; ends: string | number }> = {
  'says nothing': { answer: () => {}, ends: 'timeout' },
  'drips its header': {
    answer: (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
    ends: 'timeout',
  },
  'drips its body': { answer: (socket) => drip(socket, head('content-length: 50000'), 'x'), ends: 200 },
  'drips chunks': {
    answer: (socket) => drip(socket, head('transfer-encoding: chunked'), '1\r\nx\r\n'),
    ends: 200,
  },
  'sends an endless body': {
    answer: (socket) =>
      flood(
        socket.on('pipe', () => {}),
        `${head()}${'x'.repeat(4096)}`,
      ),
    ends: 200,
  },
  'sends endless chunks': {
    answer: (socket) => {
      socket.write(head('transfer-encoding: chunked'));
      flood(socket, `1000\r\n${'x'.repeat(4096)}\r\n`);
    },
    ends: 200,
  },
  'sends an endless header': {
    answer: (socket) => flood(socket, `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(1000)}`),
    ends: 'response',
  },
  'sends one huge header': {
    answer: (socket) => socket.write(head(`x: ${'y'.repeat(20_000)}`)),
    ends: 'response',
  },
  'sends endless interim answers': {
    answer: (socket) => flood(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
    ends: 'response',
  },
  'sends endless trailers': {
    answer: (socket) => {
      socket.write(`${head('transfer-encoding: chunked')}0\r\n`);
      flood(socket, 'x: y\r\n'.repeat(1000));
    },
    ends: 200,
  },
  'promises more than it sends': {
    answer: (socket) => socket.end(`${head('content-length: 100')}short`),
    ends: 200,
  },
  'sends more than it promises': {
    answer: (socket) => socket.end(`${head('content-length: 2')}much too long`),
    ends: 200,
  },
  'contradicts its own length': {
    answer: (socket) => socket.end(`${head('content-length: 2', 'content-length: 3')}abc`),
    ends: 'response',
  },
  'sends a negative length': {
    answer: (socket) => socket.end(`${head('content-length: -1')}abc`),
    ends: 'response',
  },
  'smuggles with two framings': {
    answer: (socket) => socket.end(`${head('content-length: 3', 'transfer-encoding: chunked')}0\r\n\r\n`),
    ends: 'response',
  },
  'ends in the middle of a chunk': {
    answer: (socket) => socket.end(`${head('transfer-encoding: chunked')}ff\r\nabc`),
    ends: 200,
  },
  'resets in the middle of its body': {
    answer: (socket) =>
      socket.write(`${head('content-length: 100')}abc`, () => setImmediate(() => socket.resetAndDestroy())),
    ends: 200,
  },
  'speaks no HTTP': { answer: (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), ends: 'response' },
  'answers with zeros': { answer: (socket) => socket.end(Buffer.alloc(5000)), ends: 'response' },
  'closes at once': { answer: (socket) => socket.end(), ends: 'connection' },
  'resets at once': { answer: (socket) => socket.resetAndDestroy(), ends: 'connection' },
  'closes in its header': { answer: (socket) => socket.end('HTTP/1.1 200 OK\r\nx-half'), ends: 'connection' },
  'switches protocols': {
    answer: (socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'),
    ends: 'response',
  },
};

describe('a receiver that', () => {
  for (const [behaviour, { answer, ends }] of Object.entries(HOSTILE)) {
    test(`${behaviour} ends as ${ends}, in time and without its connection`, async () => {
      await using receiver = await rawReceiver(answer);
      using client = clientWith(DEVELOPMENT, { timeoutMs: TIMEOUT_MS });
      const startedAt = performance.now();
      const exchange = await post(client, `http://127.0.0.1:${receiver.port}/`);
      const tookMs = performance.now() - startedAt;
      assert.equal(ending(exchange), ends);
      assert.ok(tookMs < TIMEOUT_MS + 2000, `took ${tookMs} ms`);
      if (ends === 'timeout') assert.ok(tookMs >= TIMEOUT_MS - 5, `took ${tookMs} ms`);
      while (receiver.sockets.size > 0) await nextTurn();
    });
  }

  test('answers ahead of the next request does not answer that one', async () => {
    let connections = 0;
    await using receiver = await rawReceiver((socket) => {
      connections += 1;
      const forged = connections === 1 ? head('content-length: 0').replace('200 OK', '410 Gone') : '';
      socket.write(`${head('content-length: 0')}${forged}`);
    });
    using client = clientWith(DEVELOPMENT, { timeoutMs: TIMEOUT_MS });
    const url = `http://127.0.0.1:${receiver.port}/`;
    assert.equal(ending(await post(client, url)), 200);
    while (receiver.sockets.size > 0) await nextTurn();
    assert.equal(ending(await post(client, url)), 200);
  });

  test('sends a compressed bomb gets it unread: nothing is decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    await using receiver = await httpReceiver((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );
    using client = clientWith(DEVELOPMENT);
    const before = process.memoryUsage().rss;
    const exchange = await post(client, `http://127.0.0.1:${receiver.port}/`);
    assert.deepEqual([ending(exchange), exchange.kind === 'response' && exchange.excerpt], [200, null]);
    assert.ok(process.memoryUsage().rss - before < 32 * 1024 * 1024);
  });

  test('sends no text gets valid text recorded, of at most 1 KiB', async () => {
    const bodies = ['é'.repeat(600), '\u{1f600}'.repeat(300), `${'x'.repeat(1023)}é`, '\u0000'.repeat(2000)];
    for (const body of [...bodies.map((text) => Buffer.from(text)), Buffer.alloc(70_000, 0xff)]) {
      await using receiver = await httpReceiver((_request, response) => response.end(body));
      using client = clientWith(DEVELOPMENT);
      const exchange = await post(client, `http://127.0.0.1:${receiver.port}/`);
      assert.ok(exchange.kind === 'response' && exchange.excerpt !== null);
      assert.ok(exchange.excerpt.isWellFormed() && !exchange.excerpt.includes('\0'));
      const bytes = Buffer.byteLength(exchange.excerpt);
      assert.ok(bytes > 1020 && bytes <= 1024, `${bytes} bytes`);
      assert.equal(exchange.excerpt.includes('\uFFFD'), body[0] === 0 || body[0] === 0xff);
    }
  });

  test('refuses the connection is at fault', async () => {
    let port: number;
    {
      await using receiver = await httpReceiver(answering(200));
      port = receiver.port;
    }
    using client = clientWith(DEVELOPMENT);
    assert.equal(ending(await post(client, `http://127.0.0.1:${port}/`)), 'connection');
    assert.equal(ending(await post(client, `http://localhost:${port}/`)), 'connection');
  });

  test('fails at TLS ends as tls', async () => {
    await using plain = await httpReceiver(answering(200));
    await using secure = await httpsReceiver(answering(200));
    await using closing = await rawReceiver((socket) => socket.end());
    using client = clientWith(DEVELOPMENT);
    using strict = clientWith(DEVELOPMENT, { trusting: false });
    assert.equal(ending(await post(client, `https://127.0.0.1:${plain.port}/`)), 'tls');
    assert.equal(ending(await post(client, `https://127.0.0.1:${closing.port}/`)), 'connection');
    assert.equal(ending(await post(client, `https://other.localhost:${secure.port}/`)), 'tls');
    assert.equal(ending(await post(strict, `https://127.0.0.1:${secure.port}/`)), 'tls');
    const plainToTls = await post(client, `http://127.0.0.1:${secure.port}/`);
    assert.ok(['response', 'connection', 400].includes(ending(plainToTls)), String(ending(plainToTls)));
  });
});
