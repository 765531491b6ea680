import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A CIDR block: the first address and the number of leading bits that count. */
export type Network = readonly [Address, number];

/**
 * The address of a literal; of an IPv4-mapped IPv6 address (`::ffff:a.b.c.d`) the IPv4 address that a socket would
 * really reach. Undefined for anything that is not a plain literal.
 */
export function parseAddress(text: string): Address | undefined {
  // ipaddr.js alone also reads octal, hexadecimal and short forms, on which validators and sockets disagree.
  if (isIP(text) === 0) return undefined;
  // A zone (`fe80::1%eth0`) selects an interface; it does not change what kind of address it is.
  return ipaddr.process(inHexGroups(text.replace(/%.*$/, '')));
}

/**
 * An IPv6 literal without its dotted spelling of the last 32 bits: ipaddr.js 2.5 takes `::127.0.0.1`, which is
 * IPv4-compatible, for the IPv4-mapped `::ffff:127.0.0.1`.
 */
function inHexGroups(text: string): string {
  if (!text.includes(':')) return text;
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_dotted, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map((byte) => Number(byte).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
}

/** Parses a network. Throws when the text is none. */
export function network(cidr: string): Network {
  const [address = '', bits, ...rest] = cidr.split('/');
  const family = isIP(address);
  const prefix = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits);
  const wellFormed = family !== 0 && rest.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
  if (!wellFormed || prefix > (family === 4 ? 32 : 128)) throw new Error(`"${cidr}" is not a network.`);
  const first = ipaddr.parse(inHexGroups(address));
  // Addresses are unmapped before they are compared, so a mapped network is unmapped as well.
  if (first instanceof ipaddr.IPv6 && first.isIPv4MappedAddress() && prefix >= 96) {
    return [first.toIPv4Address(), prefix - 96];
  }
  return [first, prefix];
}

/** Whether an address lies in one of the networks. */
export function isInside(address: Address, networks: readonly Network[]): boolean {
  return networks.some(([first, bits]) => address.kind() === first.kind() && address.match(first, bits));
}

/** The networks of a comma-separated CIDR list. Throws an Error that names the variable. */
export function parseCidrList(variable: string, text: string | undefined): readonly Network[] {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      try {
        return network(entry);
      } catch {
        throw new Error(
          `${variable} must be a comma-separated list of networks like 10.1.0.0/16; "${entry}" is not one.`,
        );
      }
    });
}
