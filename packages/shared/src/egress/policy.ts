import type { PortRange } from '../config/network-settings.ts';
import { parseDnsServers, parsePorts, parseProxyUrl } from '../config/network-settings.ts';
import type { Network } from '../networks.ts';
import { parseCidrList } from '../networks.ts';

/** Which settings decide where callbacks may go. */
export interface EgressSettings {
  NODE_ENV: string;
  PORT: number;
  METRICS_PORT?: number;
  ALLOW_PRIVATE_IPS: boolean;
  EGRESS_ALLOW?: string;
  EGRESS_DENY?: string;
  EGRESS_PORTS?: string;
  EGRESS_PROXY?: string;
  DNS_SERVERS?: string;
}

/** Where callbacks may go, and which way. Immutable; created once per process. */
export interface EgressPolicy {
  readonly production: boolean;
  /** Allows private, loopback, link-local and carrier-grade NAT addresses, plain http and dotless names. */
  readonly allowPrivate: boolean;
  readonly allow: readonly Network[];
  readonly deny: readonly Network[];
  /** Undefined: the default rule; see `portRefusal`. */
  readonly ports: readonly PortRange[] | undefined;
  readonly proxy: URL | undefined;
  /** As `dns.Resolver.setServers` takes them; undefined: the system's. */
  readonly dnsServers: readonly string[] | undefined;
  /** Ports on which this product itself listens: no callback may reach them through the host's public address. */
  readonly ownPorts: ReadonlySet<number>;
}

/** Reads the policy from the settings. Throws an Error with one sentence that names the wrong variable. */
export function egressPolicy(settings: EgressSettings): EgressPolicy {
  return {
    production: settings.NODE_ENV === 'production',
    allowPrivate: settings.ALLOW_PRIVATE_IPS,
    allow: parseCidrList('EGRESS_ALLOW', settings.EGRESS_ALLOW),
    deny: parseCidrList('EGRESS_DENY', settings.EGRESS_DENY),
    ports: parsePorts('EGRESS_PORTS', settings.EGRESS_PORTS),
    proxy: parseProxyUrl('EGRESS_PROXY', settings.EGRESS_PROXY),
    dnsServers: parseDnsServers('DNS_SERVERS', settings.DNS_SERVERS),
    ownPorts: new Set([settings.PORT, settings.METRICS_PORT ?? 0]),
  };
}
