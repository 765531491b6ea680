import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { utimesSync, writeFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { TestDirectory } from '../../test/directory.ts';
import { dnsServer } from '../../test/egress/dns-server.ts';
import { createResolver } from './resolver.ts';

const TIMEOUT_MS = 5000;

/** A resolver that takes the system's name servers from a file: here one address with a port. */
function systemResolver(nameServer: string) {
  const directory = new TestDirectory();
  const resolvConf = directory.file('resolv.conf');
  let changes = 0;
  const changeTo = (address: string) => {
    writeFileSync(resolvConf, address);
    changes += 1;
    utimesSync(resolvConf, 1000 + changes, 1000 + changes);
  };
  changeTo(nameServer);
  const make = mock.fn((text: string) => {
    const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
    resolver.setServers([text]);
    return resolver;
  });
  const resolver = createResolver(undefined, TIMEOUT_MS, resolvConf, make);
  return {
    changeTo,
    resolve: resolver.resolve,
    created: () => make.mock.callCount(),
    [Symbol.dispose]() {
      resolver.close();
      directory[Symbol.dispose]();
    },
  };
}

test('createResolver asks the name servers that the system has now, and reads them only when they changed', async () => {
  using second = await dnsServer(() => ({ addresses: ['2.2.2.2'] }));
  using first = await dnsServer(() => ({ addresses: ['1.1.1.1'] }));
  using system = systemResolver(first.address);
  assert.deepEqual(await system.resolve('agent.test'), ['1.1.1.1']);
  assert.deepEqual(await system.resolve('agent.test'), ['1.1.1.1']);
  assert.equal(system.created(), 1);

  system.changeTo(second.address);
  assert.deepEqual(await system.resolve('agent.test'), ['2.2.2.2']);
  assert.deepEqual(await system.resolve('agent.test'), ['2.2.2.2']);
  assert.equal(system.created(), 2);
});

test('createResolver lets a look-up end at the name servers that it has asked', async () => {
  using first = await dnsServer(() => ({ addresses: ['1.1.1.1'] }));
  using second = await dnsServer(() => ({ addresses: ['2.2.2.2'] }));
  using system = systemResolver(first.address);
  const underWay = system.resolve('agent.test');
  system.changeTo(second.address);
  assert.deepEqual(await system.resolve('other.test'), ['2.2.2.2']);
  assert.deepEqual(await underWay, ['1.1.1.1']);
});

test('createResolver does not care for the system’s name servers where it is given some', async () => {
  using server = await dnsServer(() => ({ addresses: ['1.1.1.1'] }));
  const make = mock.fn(() => new Resolver());
  const resolver = createResolver([server.address], TIMEOUT_MS, '/nonexistent/resolv.conf', make);
  assert.deepEqual(await resolver.resolve('agent.test'), ['1.1.1.1']);
  resolver.close();
  assert.equal(make.mock.callCount(), 0);
});
