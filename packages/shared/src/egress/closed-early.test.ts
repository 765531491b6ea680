import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { clientWith, ending, post } from '../../test/egress/client.ts';

/** Closes every connection at once, on its own thread: often before this thread has seen it. */
const CLOSING_SERVER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}).destroy());
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;

test('a receiver that closes at once has a connection that failed, and no address that is refused', async () => {
  const receiver = new Worker(CLOSING_SERVER, { eval: true });
  try {
    const [port] = await once(receiver, 'message');
    using client = clientWith({ NODE_ENV: 'development' });
    const endings = new Set<string | number>();
    for (let n = 0; n < 40; n += 1) {
      for (const scheme of ['https', 'http']) {
        endings.add(ending(await post(client, `${scheme}://127.0.0.1:${port}/`)));
      }
    }
    assert.deepEqual(endings, new Set(['connection']));
  } finally {
    await receiver.terminate();
  }
});
