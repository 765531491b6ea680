import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { testApp } from './test-app.ts';

const PLACE = { host: '127.0.0.1', port: 0 };
const HEALTH = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';

test('whichever of its sockets took a connection, it is answered, and a stop ends it', async (t) => {
  const here = await testApp(() => ({}));
  t.after(() => here[Symbol.asyncDispose]());
  const { app } = here;
  const port = Number(new URL(await app.listeners.open(PLACE)).port);
  const sockets = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const socket = connect({ host: PLACE.host, port });
      t.after(() => socket.destroy());
      socket.write(HEALTH);
      const [answer] = await once(socket, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 200 /);
      return socket;
    }),
  );
  const ended = sockets.map((socket) => once(socket.resume(), 'end'));
  await app.close();
  await Promise.all(ended);
});

test('a port is shared with no other process, although its sockets share it', async (t) => {
  const [one, other] = [await testApp(() => ({})), await testApp(() => ({}))];
  t.after(() => Promise.all([one, other].map((each) => each[Symbol.asyncDispose]())));
  const port = Number(new URL(await one.app.listeners.open(PLACE)).port);
  await assert.rejects(other.app.listeners.open({ ...PLACE, port }), { code: 'EADDRINUSE' });
});
