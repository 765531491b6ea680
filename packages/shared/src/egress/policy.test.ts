import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyWith } from '../../test/egress/policy.ts';

const WRONG = {
  EGRESS_ALLOW: [
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10/8',
    'fd00::/129',
    'example.com',
    '10.0.0.0/',
    '0x7f.1/8',
  ],
  EGRESS_DENY: ['nowhere', '1.2.3.4/ 8', '::/x'],
  EGRESS_PORTS: ['0', '65536', '443-80', '80;443', 'http', '1-2-3', ''],
  EGRESS_PROXY: ['proxy:3128', 'socks5://proxy:1080', 'http://proxy/path', 'http://', 'http://p/?x'],
  DNS_SERVERS: [
    'dns.example',
    '1.1.1.1:0',
    '1.1.1.1:65536',
    '[::1]',
    '1.1.1',
    '[1.1.1.1]:53',
    '10.0.0.2;10.0.0.3',
  ],
} as const;

for (const [variable, values] of Object.entries(WRONG)) {
  test(`egressPolicy names ${variable} when its value makes no sense`, () => {
    for (const value of values) {
      assert.throws(
        () => policyWith({ [variable]: value }),
        { message: new RegExp(`^${variable} must be .*\\.$`) },
        value,
      );
    }
  });
}

test('egressPolicy never repeats the password of EGRESS_PROXY', () => {
  assert.throws(
    () => policyWith({ EGRESS_PROXY: 'http://user:hunter2@proxy/path' }),
    ({ message }: Error) => !message.includes('hunter2'),
  );
});

test('egressPolicy reads lists with spaces, single addresses, ranges and IPv6', () => {
  const policy = policyWith({
    EGRESS_ALLOW: ' 10.0.0.1 , fd00::/8,',
    EGRESS_PORTS: '443, 8000-8999',
    DNS_SERVERS: '::1, [fd00::2]:5353,10.0.0.2:53',
  });
  assert.deepEqual(
    policy.allow.map(([address, bits]) => `${address}/${bits}`),
    ['10.0.0.1/32', 'fd00::/8'],
  );
  assert.deepEqual(policy.ports, [
    [443, 443],
    [8000, 8999],
  ]);
  assert.deepEqual(policy.dnsServers, ['::1', '[fd00::2]:5353', '10.0.0.2:53']);
});
