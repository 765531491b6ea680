import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type TestApp, testApp } from './test-app.ts';
import { until } from './until.ts';

const options = { timeout: 120_000 };
/** Nothing of a test that is about what happens between two heartbeats takes so long. */
const NEVER_MS = '600000';
/** What may wait for a client, and one frame more. */
const MOST_WAITING = 16_384 + 200;

/** A connection without buffers of the system's: what its client does not read waits in the API. */
class Line {
  readonly ofApi: Duplex;
  readonly ofClient: Duplex;
  #isRead = true;
  #goOn = (): void => undefined;

  constructor() {
    this.ofClient = new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        this.ofApi.push(chunk);
        done();
      },
    });
    this.ofApi = new Duplex({
      read: () => undefined,
      write: (chunk, _encoding, done) => {
        this.#goOn = () => {
          this.ofClient.push(chunk);
          done();
        };
        if (this.#isRead) this.#goOn();
      },
      destroy: (error, done) => {
        this.ofClient.destroy();
        done(error);
      },
    });
  }

  /** From now on the client reads nothing. */
  hold(): void {
    this.#isRead = false;
  }

  /** The client reads on. */
  release(): void {
    this.#isRead = true;
    this.#goOn();
  }
}

interface Client {
  line: Line;
  socket: WebSocket;
  over: Promise<number>;
}

async function clientOf(here: TestApp, username: string): Promise<Client> {
  const url = '/api/v1/auth/register';
  const answer = await here.app.inject({ method: 'POST', url, payload: { username } });
  const line = new Line();
  here.app.server.emit('connection', line.ofApi);
  const socket = new WebSocket('ws://registry/api/v1/notifications/ws', {
    headers: { authorization: `Bearer ${answer.json().api_key}` },
    autoPong: false,
    // A WebSocket asks of a connection only what every stream has.
    createConnection: () => line.ofClient as never,
  });
  socket.on('error', () => undefined);
  const over = new Promise<number>((resolve) => socket.on('close', resolve));
  await once(socket, 'message');
  return { line, socket, over };
}

for (const bytes of [125, 0]) {
  test(`answers to pings of ${bytes} bytes wait within a client’s room`, options, async () => {
    await using here = await testApp(() => ({}), { STREAM_HEARTBEAT_MS: NEVER_MS });
    const { line, socket } = await clientOf(here, 'eve');
    const answers: string[] = [];
    socket.on('pong', (payload) => answers.push(String(payload)));
    line.hold();
    for (let n = 0; n < 500; n++) {
      await new Promise((done) => socket.ping(Buffer.alloc(bytes), true, done));
    }
    assert.ok(line.ofApi.writableLength > 0);
    assert.ok(line.ofApi.writableLength < MOST_WAITING, `${line.ofApi.writableLength} bytes wait`);
    line.release();
    // A system would tell only later that it has taken them.
    await turn();
    assert.equal(line.ofApi.writableLength, 0);
    socket.ping('at last');
    await until(() => answers.includes('at last'));
    assert.ok(answers.length <= 130, `${answers.length} answers waited`);
    socket.terminate();
  });
}

test('a client that reads nothing is let go, whatever it answers unasked', options, async () => {
  await using here = await testApp(() => ({}), { STREAM_HEARTBEAT_MS: '300' });
  const [eve, ann] = [await clientOf(here, 'eve'), await clientOf(here, 'ann')];
  const heartbeats: string[] = [];
  ann.socket.on('ping', (payload) => {
    heartbeats.push(String(payload));
    ann.socket.pong(payload);
  });
  eve.line.hold();
  const unasked = setInterval(() => eve.socket.pong('still here'), 20);
  await eve.over;
  clearInterval(unasked);
  const before = heartbeats.length;
  await until(() => heartbeats.length > before + 3);
  assert.equal(ann.socket.readyState, ann.socket.OPEN);
  assert.equal(new Set(heartbeats).size, heartbeats.length, 'none can be guessed');
  ann.socket.terminate();
});

test('a client that reads, and answers each heartbeat with something else, is let go', options, async () => {
  await using here = await testApp(() => ({}), { STREAM_HEARTBEAT_MS: '300' });
  const { socket, over } = await clientOf(here, 'eve');
  socket.on('ping', () => socket.pong('anything'));
  assert.equal(await over, 1006);
});

test('pongs count towards what a client may send', options, async () => {
  await using here = await testApp(() => ({}), { STREAM_HEARTBEAT_MS: NEVER_MS });
  const { socket, over } = await clientOf(here, 'eve');
  for (let n = 0; n < 700; n++) socket.pong();
  assert.equal(await over, 4029);
});
