import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { testApp } from './test-app.ts';

test('a stop is not held up by a connection whose body ends after its answer', {
  timeout: 30_000,
}, async () => {
  await using here = await testApp(() => ({}));
  await here.app.listen({ host: '127.0.0.1', port: 0 });
  const client = connect((here.app.server.address() as AddressInfo).port, '127.0.0.1');
  client.write(
    'POST /api/v1/policies HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4\r\n\r\n{',
  );
  const [answer] = await once(client, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 401 /);
  const ended = once(client, 'close');
  const stopped = here.app.close();
  client.write('   ');
  await Promise.all([stopped, ended]);
});
