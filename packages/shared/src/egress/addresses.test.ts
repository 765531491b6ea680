import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { policyWith } from '../../test/egress/policy.ts';
import { addressRefusal } from './addresses.ts';

const production = policyWith();
const development = policyWith({ NODE_ENV: 'development' });
const selfHosted = policyWith({ ALLOW_PRIVATE_IPS: true });

const refused = (policy: typeof production, addresses: readonly string[]) =>
  assert.deepEqual(
    addresses.filter((address) => addressRefusal(address, policy) === undefined),
    [],
  );
const allowed = (policy: typeof production, addresses: readonly string[]) =>
  assert.deepEqual(
    addresses.filter((address) => addressRefusal(address, policy) !== undefined),
    [],
  );

// First and last address of each block of the IANA special-purpose and multicast registries.
const SPECIAL_V4 = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.0.8', '192.0.0.9', '192.0.0.10', '192.0.0.170', '192.0.0.171'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.31.196.0', '192.31.196.255'],
  ['192.52.193.0', '192.52.193.255'],
  ['192.88.99.0', '192.88.99.2', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['192.175.48.0', '192.175.48.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['240.0.0.0', '255.255.255.254', '255.255.255.255'],
].flat();
const SPECIAL_V6 = [
  ['::', '::1', '::2', '::ffff:ffff'],
  ['64:ff9b:2::', '64:ff9a:ffff::', '100:0:0:2::', '200::', '400::', '1fff:ffff::'],
  ['100::', '100::ffff:ffff:ffff:ffff', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff'],
  ['2001::', '2001:1::1', '2001:1::2', '2001:1::3', '2001:2::', '2001:3::', '2001:4:112::'],
  [
    '2001:10::',
    '2001:1f:ffff::',
    '2001:20::',
    '2001:2f:ffff::',
    '2001:30::',
    '2001:3f:ffff::',
    '2001:1ff:ffff::',
  ],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['2002::', '2002:ffff:ffff::', '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
  [
    '3ffe::',
    '3ffe:ffff:ffff::',
    '3fff::',
    '3fff:fff:ffff::',
    '4000::',
    '8000::',
    'c000::',
    'e000::',
    'f000::',
  ],
  [
    '5f00::',
    '5f00:ffff::',
    'fc00::',
    'fdff:ffff::',
    'fe00::',
    'fe80::',
    'febf::',
    'fe80::1%eth0',
    'fec0::',
    'feff::',
  ],
  ['ff00::', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
].flat();
/** Each embeds 127.0.0.1, 10.0.0.1, a metadata address or a public one; all are refused. */
const EMBEDDED = [
  ['::7f00:1', '::127.0.0.1', '::a9fe:a9fe', '::a00:1', '::808:808'],
  ['::ffff:0:7f00:1', '::ffff:0:808:808'],
  ['64:ff9b::7f00:1', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::808:808', '64:ff9b:1::7f00:1'],
  ['64:ff9b:1:7f00:0:100::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
  [
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '2002:808:808::1',
    '2001:0:7f00:1::',
    '2001::f5ff:fffe',
    '2001:0:4136:e378:8000:63bf:80ff:fffe',
  ],
  ['2600::5efe:7f00:1', '2600::200:5efe:a9fe:a9fe'],
].flat();
const METADATA = [
  ['169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23', '100.100.100.200'],
  ['192.0.0.192', '168.63.129.16', '169.254.0.23', '169.254.42.42', 'fe80::a9fe:a9fe', 'fd20:ce::254'],
  ['fd00:c1::a9fe:a9fe', 'fd00:100::100:200', 'fd00:42::42', 'fd00:a9fe:a9fe::1', '::ffff:169.254.42.42'],
  ['fe80::a9fe:a9fe%eth0'],
].flat();
const METADATA_IN_V6 = [
  ['::ffff:169.254.169.254', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:a83f:8110', '::ffff:100.100.100.200'],
  ['::a9fe:a9fe', '::ffff:0:a9fe:a9fe', '64:ff9b::a9fe:a9fe', '64:ff9b::169.254.170.2', '64:ff9b::a83f:8110'],
  ['2002:a9fe:a9fe::', '2002:a83f:8110::1', '64:ff9b:1::a9fe:a9fe'],
  [
    '::ffff:169.254.0.23',
    '64:ff9b::169.254.42.42',
    '64:ff9b::a9fe:17',
    '2002:a9fe:2a2a::1',
    '2002:a9fe:17::',
  ],
].flat();
const PRIVATE = ['10.0.0.1', '100.64.0.1', '169.254.1.1', '172.16.0.1', '192.168.1.1', 'fd12::1', 'fe80::1'];
const LOOPBACK = ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'];
const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '93.184.215.14',
  '223.255.255.254',
  '100.63.255.255',
  '100.128.0.0',
  '172.32.0.1',
  '192.0.1.0',
  '198.20.0.0',
  '2606:4700::1111',
  '2001:200::1',
  '2001:4860:4860::8888',
  '2a00::1',
  '2003::1',
  '::ffff:8.8.8.8',
];

describe('addressRefusal', () => {
  test('refuses every special-purpose IPv4 block at both its ends', () => refused(production, SPECIAL_V4));
  test('refuses every special-purpose IPv6 block, and all that is not global unicast', () =>
    refused(production, SPECIAL_V6));
  test('refuses IPv4-mapped forms of every special IPv4 address', () => {
    refused(
      production,
      SPECIAL_V4.map((address) => `::ffff:${address}`),
    );
  });
  test('refuses IPv4 embedded as compatible, translated, NAT64, 6to4, Teredo and ISATAP, also public ones', () => {
    for (const policy of [production, development, selfHosted]) refused(policy, EMBEDDED);
  });
  test('allows public addresses next to the special blocks', () => allowed(production, PUBLIC));
  test('refuses what is no plain literal, whatever a C library would make of it', () => {
    refused(selfHosted, [
      '',
      '127.1',
      '0177.0.0.1',
      '0x7f.1',
      '2130706433',
      '1.2.3',
      '127.0.0.1 ',
      '[::1]',
      'localhost',
      '::ffff:7f00:1:',
    ]);
  });

  test('allows loopback outside production, and nothing else that is special', () => {
    allowed(development, LOOPBACK);
    refused(development, [...PRIVATE, '0.0.0.0', '::', '::ffff:0.0.0.0']);
    refused(production, LOOPBACK);
  });
  test('allows one’s own networks with ALLOW_PRIVATE_IPS, and never what names no host', () => {
    allowed(selfHosted, [...PRIVATE, ...LOOPBACK, ...PUBLIC]);
    refused(selfHosted, [
      '0.0.0.0',
      '0.1.2.3',
      '::',
      '224.0.0.1',
      '239.255.255.255',
      '255.255.255.255',
      '240.0.0.1',
      'ff02::1',
      'fec0::1',
      '100::1',
      '2001:db8::1',
      '4000::1',
      '198.18.0.1',
      '203.0.113.1',
    ]);
  });

  test('refuses cloud metadata in every encoding, whatever is allowed', () => {
    const everything = policyWith({
      ALLOW_PRIVATE_IPS: true,
      NODE_ENV: 'development',
      EGRESS_ALLOW: '0.0.0.0/0, ::/0',
    });
    for (const policy of [production, selfHosted, everything])
      refused(policy, [...METADATA, ...METADATA_IN_V6]);
    for (const address of METADATA)
      assert.equal(addressRefusal(address, everything), 'is a cloud metadata address');
  });
  test('lets EGRESS_ALLOW open special networks, but never hosts that are none', () => {
    const policy = policyWith({
      EGRESS_ALLOW: '10.1.0.0/16, fd12::/16,198.18.0.0/15, 0.0.0.0/8, ::ffff:192.168.7.0/120',
    });
    allowed(policy, ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::5', '198.18.0.1', '192.168.7.9']);
    refused(policy, ['10.2.0.1', 'fd13::1', '0.0.0.0', '192.168.8.1']);
  });
  test('lets EGRESS_DENY win over EGRESS_ALLOW, ALLOW_PRIVATE_IPS and public addresses', () => {
    const policy = policyWith({
      ALLOW_PRIVATE_IPS: true,
      EGRESS_ALLOW: '10.0.0.0/8',
      EGRESS_DENY: '10.0.0.1,8.8.8.0/24, 2606::/16',
    });
    refused(policy, ['10.0.0.1', '8.8.8.8', '::ffff:8.8.8.8', '2606:4700::1111']);
    allowed(policy, ['10.0.0.2', '8.8.4.4']);
  });
  test('judges the IPv4 address inside NAT64 once the operator allows the well-known prefix', () => {
    const policy = policyWith({ EGRESS_ALLOW: '64:ff9b::/96', EGRESS_DENY: '9.9.9.9' });
    allowed(policy, ['64:ff9b::808:808']);
    refused(policy, [
      '64:ff9b::7f00:1',
      '64:ff9b::a00:1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b::909:909',
      '64:ff9b:1::808:808',
    ]);
  });
});
