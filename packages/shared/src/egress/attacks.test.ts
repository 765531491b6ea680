import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientWith, ending, post } from '../../test/egress/client.ts';
import { dnsServer } from '../../test/egress/dns-server.ts';
import { policyWith } from '../../test/egress/policy.ts';
import { answering, httpReceiver, httpsReceiver } from '../../test/egress/receiver.ts';
import { guardedAgents } from './agents.ts';
import { createLookup } from './lookup.ts';
import { CallbackUrlError } from './url.ts';

const PUBLIC = '93.184.215.14';
const ALL_PORTS = { EGRESS_PORTS: '1-65535' } as const;

const corpus = JSON.parse(
  readFileSync(new URL('../../test/data/ssrf-must-refuse.json', import.meta.url), 'utf8'),
) as { urls: string[] };

describe('callbacks in production', () => {
  test('never reach a URL of the public corpus, also not with our port or over https', async () => {
    await using canary = await httpReceiver(answering(200), '0.0.0.0');
    await using canary6 = await httpReceiver(answering(200), '::1');
    using client = clientWith(ALL_PORTS);
    const variants = corpus.urls.flatMap((url) => {
      const https = url.replace(/^http:/, 'https:');
      const withPort = [canary.port, canary6.port].flatMap((port) => {
        const parsed = URL.parse(https);
        if (parsed === null) return [];
        parsed.port = String(port);
        return [parsed.href, parsed.href.replace(/^https:/, 'http:')];
      });
      return [url, https, ...withPort];
    });
    assert.ok(corpus.urls.length >= 190 && variants.length > 600);
    for (const url of variants) {
      assert.equal(ending(await post(client, url)), 'refused_address', url);
      await assert.rejects(client.check(url), CallbackUrlError, url);
    }
    assert.equal(canary.connections() + canary6.connections(), 0);
  });

  test('DNS rebinding: a name that was public at registration does not lead inside afterwards', async () => {
    await using canary = await httpsReceiver(answering(200));
    for (const inside of [
      '127.0.0.1',
      '::1',
      '169.254.169.254',
      '10.0.0.1',
      '::ffff:127.0.0.1',
      '64:ff9b::7f00:1',
    ]) {
      using dns = await dnsServer((_name, _family, n) => ({ addresses: [n === 0 ? PUBLIC : inside] }));
      using client = clientWith({ ...ALL_PORTS, DNS_SERVERS: dns.address });
      const url = `https://agent.test:${canary.port}/`;
      assert.equal((await client.check(url)).href, url);
      for (let attempt = 1; attempt <= 3; attempt += 1)
        assert.equal(ending(await post(client, url)), 'refused_address', inside);
      assert.equal(ending(await client.head({ url })), 'refused_address');
      await assert.rejects(client.check(url), CallbackUrlError);
    }
    assert.equal(canary.connections(), 0);
  });

  test('a mixed answer does not lead inside, whichever address would be tried', async () => {
    await using canary = await httpsReceiver(answering(200));
    using dns = await dnsServer(() => ({ addresses: [PUBLIC, '127.0.0.1'] }));
    using client = clientWith({ ...ALL_PORTS, DNS_SERVERS: dns.address });
    assert.equal(ending(await post(client, `https://agent.test:${canary.port}/`)), 'refused_address');
    assert.equal(canary.connections(), 0);
  });

  test('a name that does not resolve may be registered, and its attempts fail as dns', async () => {
    using dns = await dnsServer(() => ({ rcode: 3 }));
    using client = clientWith({ DNS_SERVERS: dns.address });
    assert.ok(await client.check('https://agent.test/'));
    assert.equal(ending(await post(client, 'https://agent.test/')), 'dns');
  });
});

describe('a kept connection', () => {
  test('stays with the address that was checked, and the next one is checked again', async () => {
    await using receiver = await httpReceiver(answering(200), '0.0.0.0');
    let address = '127.0.0.1';
    using dns = await dnsServer(() => ({ addresses: [address] }));
    using client = clientWith({
      ALLOW_PRIVATE_IPS: true,
      EGRESS_DENY: '127.0.0.2',
      DNS_SERVERS: dns.address,
    });
    const url = `http://agent.test:${receiver.port}/`;
    assert.equal(ending(await post(client, url)), 200);
    address = '127.0.0.2';
    assert.equal(ending(await post(client, url)), 200);
    const [socket] = receiver.sockets;
    assert.deepEqual([receiver.connections(), socket?.localAddress], [1, '127.0.0.1']);

    socket?.destroy();
    assert.equal(ending(await post(client, url)), 'refused_address');
    assert.equal(receiver.connections(), 1);
  });
});

describe('the guarded agents', () => {
  const policy = policyWith({ ALLOW_PRIVATE_IPS: true, EGRESS_DENY: '127.0.0.2' });

  /** The error code of a request that bypasses the client and uses an agent directly. */
  async function errorOf(
    options: https.RequestOptions,
    protocol: 'http' | 'https' = 'http',
  ): Promise<string> {
    const lookup = createLookup(policy, 1000);
    const agents = guardedAgents({ policy, lookup, keepAlive: true, ca: undefined });
    const module = protocol === 'http' ? http : https;
    const request = module.request({ ...options, agent: agents[protocol] }).end();
    try {
      const [error] = (await once(request, 'error').catch((thrown) => [thrown])) as [Error];
      return error.name;
    } finally {
      agents[protocol].destroy();
      lookup.close();
    }
  }

  for (const protocol of ['http', 'https'] as const) {
    test(`refuse a literal address as an error of the ${protocol} request, not as an exception`, async () => {
      for (const host of ['127.0.0.2', '::ffff:127.0.0.2', '169.254.169.254', '0.0.0.0', '::']) {
        assert.equal(await errorOf({ host, port: 9 }, protocol), 'ExchangeError', host);
      }
    });
    test(`refuse a unix socket (socketPath) over ${protocol}`, async () => {
      assert.equal(await errorOf({ socketPath: '/var/run/docker.sock' }, protocol), 'ExchangeError');
      assert.equal(
        await errorOf({ host: '127.0.0.1', socketPath: '/var/run/docker.sock' }, protocol),
        'ExchangeError',
      );
    });
  }

  test('refuse also a request that waited in the agent’s queue', async () => {
    await using receiver = await httpReceiver(answering(200));
    const lookup = createLookup(policy, 1000);
    const { http: agent } = guardedAgents({ policy, lookup, keepAlive: false, ca: undefined });
    agent.maxTotalSockets = 1;
    const first = http.get({ host: '127.0.0.1', port: receiver.port, agent }, (response) =>
      response.resume(),
    );
    const second = http.get({ host: '127.0.0.2', port: receiver.port, agent });
    const refusal = once(second, 'error').catch((thrown) => [thrown]);
    await once(first, 'close');
    assert.equal(((await refusal) as [Error])[0].name, 'ExchangeError');
    lookup.close();
  });

  test('drop a peer that the look-up should not have given, before the first byte', async () => {
    let bytes = 0;
    await using receiver = await httpReceiver(answering(200), '0.0.0.0', (socket) => {
      socket.on('close', () => {
        bytes += socket.bytesRead;
      });
    });
    const lookup = createLookup(policy, 1000);
    const hook: LookupFunction = (_name, _options, callback) =>
      callback(null, [{ address: '127.0.0.2', family: 4 }]);
    const lying = { ...lookup, hook };
    const { http: agent } = guardedAgents({ policy, lookup: lying, keepAlive: false, ca: undefined });
    const request = http.get({ host: 'agent.test', port: receiver.port, agent });
    const [error] = (await once(request, 'error').catch((thrown) => [thrown])) as [Error];
    assert.equal(error.name, 'ExchangeError');
    while (receiver.connections() === 0 || receiver.sockets.size > 0) await nextTurn();
    assert.equal(bytes, 0);
    lookup.close();
  });

  test('refuse this product’s own ports on an address of this host', async (t) => {
    const own = Object.values(networkInterfaces())
      .flat()
      .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address;
    if (own === undefined) return t.skip('this host has no address but loopback');
    await using service = await httpReceiver(answering(200), '0.0.0.0');
    await using other = await httpReceiver(answering(200), '0.0.0.0');
    using client = clientWith({
      ALLOW_PRIVATE_IPS: true,
      EGRESS_ALLOW: `${own}/32`,
      METRICS_PORT: service.port,
    });
    assert.equal(ending(await post(client, `http://${own}:${service.port}/`)), 'refused_address');
    assert.equal(ending(await post(client, `http://${own}:${other.port}/`)), 200);
  });
});

test('environment variables for proxies have no effect', async () => {
  await using receiver = await httpReceiver(answering(204));
  await using proxy = await httpReceiver(answering(200));
  const script = `
    import { clientWith, ending, post } from ${JSON.stringify(new URL('../../test/egress/client.ts', import.meta.url).href)};
    const client = clientWith({ NODE_ENV: 'development' });
    console.log(ending(await post(client, 'http://127.0.0.1:${receiver.port}/')));
    client.close();`;
  const variables = Object.fromEntries(
    ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [
      [name, `http://127.0.0.1:${proxy.port}`],
      [name.toUpperCase(), `http://127.0.0.1:${proxy.port}`],
    ]),
  );
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, ...variables, NODE_USE_ENV_PROXY: '1', NO_PROXY: '', no_proxy: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  assert.deepEqual([output.trim(), proxy.connections()], ['204', 0]);
});
