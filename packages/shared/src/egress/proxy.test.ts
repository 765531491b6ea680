import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientWith, ending, post } from '../../test/egress/client.ts';
import { forwardProxy } from '../../test/egress/forward-proxy.ts';
import { answering, httpReceiver, httpsReceiver } from '../../test/egress/receiver.ts';

describe('EGRESS_PROXY', () => {
  test('is the only peer, resolves the names, and gets the credentials of its URL', async () => {
    await using receiver = await httpsReceiver(answering(204));
    await using proxy = await forwardProxy(receiver.port);
    using client = clientWith({ EGRESS_PROXY: proxy.url.replace('//', '//user:pass@') });
    assert.equal(ending(await post(client, 'https://agent.test:8443/')), 204);
    assert.equal(ending(await post(client, 'https://agent.test:8443/')), 204);
    assert.deepEqual(proxy.asked, ['CONNECT agent.test:8443']);
    assert.deepEqual(proxy.credentials, [`Basic ${btoa('user:pass')}`]);
    assert.equal((await client.check('https://agent.test/')).hostname, 'agent.test');
  });

  test('carries plain http as well', async () => {
    await using receiver = await httpReceiver(answering(202));
    await using proxy = await forwardProxy(receiver.port);
    using client = clientWith({ ALLOW_PRIVATE_IPS: true, EGRESS_PROXY: proxy.url });
    assert.equal(ending(await post(client, 'http://plugin:3000/hook')), 202);
    assert.deepEqual(proxy.asked, ['POST http://plugin:3000/hook']);
  });

  test('is not asked for URLs and literal addresses that the policy refuses', async () => {
    await using proxy = await forwardProxy(9);
    using client = clientWith({ EGRESS_PROXY: proxy.url });
    for (const url of [
      'https://127.0.0.1/',
      'https://169.254.169.254/',
      'https://localhost/',
      'http://agent.test/',
      'https://[::ffff:10.0.0.1]/',
      'https://agent.test:22/',
      `https://127.0.0.1:${proxy.port}/`,
    ]) {
      assert.equal(ending(await post(client, url)), 'refused_address', url);
    }
    assert.equal(proxy.sockets.size, 0);
  });

  test('that is down is our trouble', async () => {
    let url: string;
    {
      await using proxy = await forwardProxy(9);
      url = proxy.url;
    }
    using client = clientWith({ ALLOW_PRIVATE_IPS: true, EGRESS_PROXY: url });
    assert.equal(ending(await post(client, 'https://agent.test/')), 'registry: connection');
    assert.equal(ending(await post(client, 'http://agent.test/')), 'registry: connection');
  });

  for (const [refusal, ends] of Object.entries({
    '502 Bad Gateway': 'connection',
    '503 Service Unavailable': 'connection',
    '504 Gateway Timeout': 'connection',
    '403 Forbidden': 'connection',
    '407 Request rejected by proxy': 'refused_address',
    '407 Proxy Authentication Required': 'registry: connection',
    '401 Unauthorized': 'registry: connection',
    '404 Not Found': 'connection',
    '500 Unable to connect': 'connection',
    '405 Method Not Allowed': 'registry: connection',
  })) {
    test(`that answers ${refusal} ends the exchange as ${ends}, without its words`, async () => {
      await using proxy = await forwardProxy(9, refusal);
      using client = clientWith({ EGRESS_PROXY: proxy.url });
      const exchange = await post(client, 'https://agent.test/');
      assert.equal(ending(exchange), ends);
      assert.doesNotMatch(JSON.stringify(exchange), /127\.0\.0\.1|inner|agent\.test/);
      while (proxy.sockets.size > 0) await nextTurn();
    });
  }

  test('that does not answer a CONNECT is given up in time, with its connection', async () => {
    await using proxy = await forwardProxy(9, 'silence');
    using client = clientWith({ EGRESS_PROXY: proxy.url }, { timeoutMs: 200 });
    assert.equal(ending(await post(client, 'https://agent.test/')), 'timeout');
    while (proxy.sockets.size > 0) await nextTurn();
  });

  test('does not hide a certificate for another name', async () => {
    await using receiver = await httpsReceiver(answering(204));
    await using proxy = await forwardProxy(receiver.port);
    using client = clientWith({ EGRESS_PROXY: proxy.url });
    assert.equal(ending(await post(client, 'https://other.example/')), 'tls');
  });
});
