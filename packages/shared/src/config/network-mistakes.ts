import { errorText } from '../errors.ts';
import { parseCidrList } from '../networks.ts';
import { parseDnsServers, parsePorts, parseProxyUrl } from './network-settings.ts';

type Texts = Readonly<Record<string, string | undefined>>;

/** What reads each setting that is a list or a URL. */
const READERS: readonly (readonly [variable: string, read: (variable: string, text?: string) => unknown])[] =
  [
    ['EGRESS_ALLOW', parseCidrList],
    ['EGRESS_DENY', parseCidrList],
    ['EGRESS_PORTS', parsePorts],
    ['EGRESS_PROXY', parseProxyUrl],
    ['DNS_SERVERS', parseDnsServers],
    ['TRUST_PROXY', trustedProxies],
    ['ADMIN_NETWORKS', parseCidrList],
  ];

/** A sentence for each of the settings with networks, ports and servers that does not make sense. */
export function networkMistakes(given: Texts): string[] {
  return READERS.flatMap(([variable, read]) => {
    try {
      read(variable, given[variable]);
      return [];
    } catch (error) {
      return [errorText(error)];
    }
  });
}

/** @throws Error that names the variable, also when everybody is trusted. */
function trustedProxies(variable: string, text?: string): void {
  if (parseCidrList(variable, text).some(([, bits]) => bits === 0)) {
    throw new Error(
      `${variable} must name your reverse proxies and not the whole internet: whoever is trusted says for himself who he is.`,
    );
  }
}
