import ipaddr from 'ipaddr.js';
import type { Address } from '../networks.ts';
import { isInside, network, parseAddress } from '../networks.ts';
import type { EgressPolicy } from './policy.ts';

const networks = (...cidrs: string[]) => cidrs.map(network);

/** Hosts that answer credentials to anybody who can reach them. */
const METADATA = networks(
  // AWS, Google, Azure, Oracle, DigitalOcean, OpenStack and most others
  '169.254.169.254',
  'fe80::a9fe:a9fe',
  // AWS: IPv6, ECS and EKS
  'fd00:ec2::/32',
  '169.254.170.2',
  '169.254.170.23',
  // Google
  'fd20:ce::254',
  // Azure's wire server
  '168.63.129.16',
  // Oracle, and Oracle classic
  'fd00:c1::a9fe:a9fe',
  '192.0.0.192',
  // Alibaba, and Tencent
  '100.100.100.200',
  'fd00:100::100:200',
  '169.254.0.23',
  // Scaleway
  '169.254.42.42',
  'fd00:42::42',
  // Akamai (Linode)
  'fd00:a9fe:a9fe::1',
);

/**
 * Never the address of a receiver, whatever the operator allows: these name no single host, or (0.0.0.0/8 and ::, on
 * Linux) lead to this host. From IANA's special-purpose registries; multicast has its own.
 */
const NEVER = networks(
  '0.0.0.0/8',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '100::/64',
  '100:0:0:1::/64',
  'ff00::/8',
);

/**
 * IPv6 forms that carry an IPv4 address and may be translated to it on the way: compatible (RFC 4291), translated
 * (RFC 2765), NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380). Mapped ones (RFC 4291) are unmapped
 * before they come here.
 */
const EMBEDDING = networks(
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2002::/16',
  '2001::/32',
);

const NAT64 = networks('64:ff9b::/96');

/** What `allowPrivate` opens: the operator's own networks. */
const OWN_NETWORKS = networks(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
);

const LOOPBACK = networks('127.0.0.0/8', '::1/128');

/** All of IPv6 that IANA has ever assigned for global unicast; anything outside needs no list of its own. */
const GLOBAL_UNICAST_V6 = networks('2000::/3');

/**
 * Inside the global unicast space but not public, and unknown to ipaddr.js 2.5: AS112 (RFC 7534), the former 6bone
 * (RFC 3701).
 */
const NOT_PUBLIC = networks('2620:4f:8000::/48', '3ffe::/16');

/**
 * Why no callback may go to this address, as a short phrase; undefined when it may. Denies by default: an address
 * that is not known to be public (IANA special-purpose registries) needs a permission of the policy.
 */
export function addressRefusal(text: string, policy: EgressPolicy): string | undefined {
  const address = parseAddress(text);
  return address === undefined ? 'is not an IP address' : refusal(address, policy);
}

function refusal(address: Address, policy: EgressPolicy): string | undefined {
  if (isInside(address, METADATA)) return 'is a cloud metadata address';
  if (isInside(address, policy.deny)) return 'is on the operator’s deny list';
  if (isEmbedding(address)) return embeddedRefusal(address, policy);
  if (isInside(address, NEVER)) return 'is not the address of a host';
  if (isInside(address, policy.allow) || isPublic(address)) return undefined;
  if (policy.allowPrivate && isInside(address, OWN_NETWORKS)) return undefined;
  if (isInside(address, LOOPBACK)) return policy.production ? 'is a loopback address' : undefined;
  return 'is not a public address';
}

/**
 * Refused even when the IPv4 address inside is public, because only the network knows where it leads. The exception
 * is for hosts without IPv4, which reach all of it by NAT64: an operator can allow the well-known prefix, and then
 * the IPv4 address inside decides.
 */
function embeddedRefusal(address: ipaddr.IPv6, policy: EgressPolicy): string | undefined {
  if (isInside(address, NAT64) && isInside(address, policy.allow)) {
    return refusal(new ipaddr.IPv4(address.toByteArray().slice(12)), policy);
  }
  return 'is a transition form of an IPv4 address';
}

/** Whether an address belongs to an own network: loopback, private, link-local. */
export function isOwnNetwork(address: Address): boolean {
  return isInside(address, OWN_NETWORKS);
}

/** Whether an address leads back to this host. */
export function isLoopback(text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && isInside(address, LOOPBACK);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || isInside(address, NOT_PUBLIC)) return false;
  return address.kind() === 'ipv4' || isInside(address, GLOBAL_UNICAST_V6);
}

function isEmbedding(address: Address): address is ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6) || isInside(address, SELF_V6)) return false;
  return isInside(address, EMBEDDING) || isIsatap(address);
}

/** Inside `::/96`, but with a meaning of their own (RFC 4291, 2.5.2 and 2.5.3). */
const SELF_V6 = networks('::/128', '::1/128');

/** ISATAP (RFC 5214): the interface identifier `0:5efe` or `200:5efe`, then an IPv4 address. */
function isIsatap(address: ipaddr.IPv6): boolean {
  const { parts } = address;
  return parts[5] === 0x5efe && (parts[4] === 0 || parts[4] === 0x200);
}
