import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { testApp } from './test-app.ts';

/** More than there are sockets that listen; the server's own closes as soon as those have ended that it took. */
const CLIENTS = 12;

test('a stop is not held up by connections whose body ends after its answer, whichever socket took them', {
  timeout: 60_000,
}, async () => {
  await using here = await testApp(() => ({}));
  const { port } = new URL(await here.app.listeners.open({ host: '127.0.0.1', port: 0 }));
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const client = connect(Number(port), '127.0.0.1');
      client.write(
        'POST /api/v1/policies HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n{',
      );
      const [answer] = await once(client, 'data');
      assert.match(String(answer), /^HTTP\/1\.1 401 /);
      return client;
    }),
  );
  const stopped = here.app.close();
  for (const client of clients) {
    const ended = once(client, 'close');
    client.write('   ');
    await ended;
  }
  await stopped;
});
