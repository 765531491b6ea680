import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type DnsScript, dnsServer } from '../../test/egress/dns-server.ts';
import { policyWith } from '../../test/egress/policy.ts';
import { ExchangeError, type Fault } from './failures.ts';
import { createLookup } from './lookup.ts';
import type { EgressSettings } from './policy.ts';

const SERVFAIL = 2;
const NXDOMAIN = 3;
const REFUSED = 5;
const PUBLIC = '93.184.215.14';
const PUBLIC_V6 = '2606:4700::1111';

async function guarded(script: DnsScript, settings: Partial<EgressSettings> = {}, timeoutMs = 20_000) {
  const dns = await dnsServer(script);
  const lookup = createLookup(policyWith({ DNS_SERVERS: dns.address, ...settings }), timeoutMs);
  return {
    dns,
    lookup,
    [Symbol.dispose]() {
      lookup.close();
      dns[Symbol.dispose]();
    },
  };
}

const fails = (outcome: string, fault: Fault) => (error: unknown) => {
  assert.ok(error instanceof ExchangeError, String(error));
  assert.deepEqual({ outcome: error.failure.outcome, fault: error.failure.fault }, { outcome, fault });
  return true;
};

describe('the guarded look-up', () => {
  test('gives all addresses of both families when all are public', async () => {
    using it = await guarded(() => ({ addresses: [PUBLIC, '8.8.8.8', PUBLIC_V6] }));
    assert.deepEqual(await it.lookup.addresses('agent.test'), [PUBLIC, '8.8.8.8', PUBLIC_V6]);
  });

  for (const [attack, addresses] of Object.entries({
    'a name that points inside': ['127.0.0.1'],
    'a public address mixed with a private one': [PUBLIC, '8.8.8.8', '10.0.0.1'],
    'a private address before a public one': ['192.168.0.1', PUBLIC],
    'a public A record with a loopback AAAA record': [PUBLIC, '::1'],
    'a public AAAA record with a metadata A record': ['169.254.169.254', PUBLIC_V6],
    'an AAAA record that maps or embeds an IPv4 address': [PUBLIC, '::ffff:7f00:1'],
    'an AAAA record in NAT64 form': ['64:ff9b::7f00:1'],
    'the unspecified address': ['0.0.0.0'],
  })) {
    test(`refuses ${attack}`, async () => {
      using it = await guarded(() => ({ addresses }));
      await assert.rejects(it.lookup.addresses('agent.test'), fails('refused_address', 'receiver'));
    });
  }

  test('refuses an alias (CNAME) of an internal name', async () => {
    using it = await guarded(() => ({ cname: 'db.internal.test', addresses: ['10.0.0.5'] }));
    await assert.rejects(it.lookup.addresses('agent.test'), fails('refused_address', 'receiver'));
  });

  test('judges each resolution anew: DNS rebinding with a TTL of 0', async () => {
    using it = await guarded((_name, _family, n) => ({ addresses: [n === 0 ? PUBLIC : '127.0.0.1'] }));
    assert.deepEqual(await it.lookup.addresses('agent.test'), [PUBLIC]);
    await assert.rejects(it.lookup.addresses('agent.test'), fails('refused_address', 'receiver'));
  });

  test('shares one resolution among connections that start together', async () => {
    using it = await guarded(() => ({ addresses: [PUBLIC] }));
    await Promise.all(Array.from({ length: 50 }, () => it.lookup.addresses('agent.test')));
    assert.deepEqual(it.dns.questions, ['agent.test', 'agent.test']);
  });

  test('refuses one inner address among a thousand', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => `8.8.${n >> 8}.${n & 255}`);
    using it = await guarded(() => ({ addresses: [...many.slice(0, 40), '127.0.0.1'] }));
    await assert.rejects(it.lookup.addresses('agent.test'), fails('refused_address', 'receiver'));
    using flood = await guarded(() => ({ addresses: many }));
    await assert.rejects(flood.lookup.addresses('agent.test'), fails('dns', 'receiver'));
  });

  test('tells a name that does not exist, or has no address, from a resolver in trouble', async () => {
    using none = await guarded(() => ({ rcode: NXDOMAIN }));
    await assert.rejects(none.lookup.addresses('agent.test'), fails('dns', 'receiver'));
    using empty = await guarded(() => ({}));
    await assert.rejects(empty.lookup.addresses('agent.test'), fails('dns', 'receiver'));
    for (const rcode of [SERVFAIL, REFUSED]) {
      using broken = await guarded(() => ({ rcode }));
      await assert.rejects(broken.lookup.addresses('agent.test'), fails('dns', 'registry'));
    }
  });

  test('a resolver that is not there is our trouble', async () => {
    let address: string;
    {
      using dns = await dnsServer(() => ({}));
      address = dns.address;
    }
    const lookup = createLookup(policyWith({ DNS_SERVERS: address }), 20_000);
    await assert.rejects(lookup.addresses('agent.test'), fails('dns', 'registry'));
    lookup.close();
  });

  test('a resolver that never answers is our trouble, and known in time', async () => {
    using it = await guarded(() => 'silence', {}, 200);
    const startedAt = performance.now();
    await assert.rejects(it.lookup.addresses('agent.test'), fails('dns', 'registry'));
    assert.ok(performance.now() - startedAt < 1000);
  });

  test('name servers that hang or fail are the receiver’s trouble while the resolver answers others', async () => {
    using silent = await guarded((name) => (name === 'agent.test' ? 'silence' : {}), {}, 200);
    await assert.rejects(silent.lookup.addresses('agent.test'), fails('dns', 'receiver'));
    using failing = await guarded((name) => (name === 'agent.test' ? { rcode: SERVFAIL } : {}));
    await assert.rejects(failing.lookup.addresses('agent.test'), fails('dns', 'receiver'));
  });

  test('one family that hangs does not hold up the other', async () => {
    using it = await guarded((_name, family) => (family === 6 ? 'silence' : { addresses: [PUBLIC] }));
    const startedAt = performance.now();
    assert.deepEqual(await it.lookup.addresses('agent.test'), [PUBLIC]);
    assert.ok(performance.now() - startedAt < 3000);
  });

  test('localhost names need no resolver, and are loopback', async () => {
    using it = await guarded(() => ({ addresses: [PUBLIC] }));
    await assert.rejects(it.lookup.addresses('localhost'), fails('refused_address', 'receiver'));
    using dev = await guarded(() => ({ addresses: [PUBLIC] }), { NODE_ENV: 'development' });
    assert.deepEqual(await dev.lookup.addresses('agent.localhost'), ['127.0.0.1', '::1']);
    assert.deepEqual([...it.dns.questions, ...dev.dns.questions], []);
  });

  test('short names like those of docker services are asked of the resolver', async () => {
    using it = await guarded(() => ({ addresses: ['172.18.0.5'] }), { ALLOW_PRIVATE_IPS: true });
    assert.deepEqual(await it.lookup.addresses('plugin'), ['172.18.0.5']);
  });

  test('hexadecimal and octal hosts that a C library takes for 127.0.0.1 are refused or unknown', async () => {
    const lookup = createLookup(policyWith(), 2000);
    for (const name of ['0x7f.1', '0177.0.0.1', '2130706433', '127.1']) {
      await assert.rejects(lookup.addresses(name), (error) => error instanceof ExchangeError, name);
    }
    lookup.close();
  });

  test('answers in every form in which net.connect may ask', async () => {
    using it = await guarded(() => ({ addresses: [PUBLIC, PUBLIC_V6] }));
    const ask = (options: { all?: boolean; family?: 4 | 6 }) =>
      new Promise((resolve) => it.lookup.hook('agent.test', options, (...answer) => resolve(answer)));
    assert.deepEqual(await ask({ all: true }), [
      null,
      [
        { address: PUBLIC, family: 4 },
        { address: PUBLIC_V6, family: 6 },
      ],
    ]);
    assert.deepEqual(await ask({}), [null, PUBLIC, 4]);
    assert.deepEqual(await ask({ family: 6 }), [null, PUBLIC_V6, 6]);
    using bad = await guarded(() => ({ addresses: [PUBLIC, '127.0.0.1'] }));
    const hook = promisify(bad.lookup.hook);
    await assert.rejects(hook('agent.test', { all: true }), fails('refused_address', 'receiver'));
    await assert.rejects(hook('agent.test', {}), fails('refused_address', 'receiver'));
  });
});
