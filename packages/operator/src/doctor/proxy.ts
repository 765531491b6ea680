import { existsSync, readFileSync } from 'node:fs';
import type { Settings } from '@mahilo/shared/config/settings';
import { isInside, parseAddress, parseCidrList } from '@mahilo/shared/networks';
import { type Finding, findingsOf } from './finding.ts';

const { note } = findingsOf('settings');

/** Whether TRUST_PROXY names the address that proxied requests come from; if not, all clients count as one. */
export function examineTrustProxy(settings: Settings): Finding[] {
  if (settings.NODE_ENV !== 'production') return [];
  if (settings.TRUST_PROXY === undefined) {
    return [
      note(
        'TRUST_PROXY is not set: behind a reverse proxy all clients count as one, and share one RATE_LIMIT_IP.',
        'Set it to the proxy’s address as the API sees it. Right as it is only where clients reach the API directly.',
      ),
    ];
  }
  const proxy = expectedProxy(settings);
  const address = proxy === undefined ? undefined : parseAddress(proxy);
  if (address === undefined || isInside(address, parseCidrList('TRUST_PROXY', settings.TRUST_PROXY)))
    return [];
  return [
    note(
      `TRUST_PROXY is ${settings.TRUST_PROXY}, but what comes from a reverse proxy on this host comes from ${proxy}: then all clients count as one.`,
      `Set TRUST_PROXY=${proxy}, unless the proxy is somewhere else. It is the \`client\` in lines "Request answered" while TRUST_PROXY is wrong.`,
    ),
  ];
}

/** The address of a proxy on the same host, where it can be determined. */
function expectedProxy({ HOST }: Settings): string | undefined {
  if (HOST === '127.0.0.1' || HOST === '::1') return HOST;
  return existsSync('/.dockerenv') ? defaultGateway() : undefined;
}

/** Requests to a port that a container publishes come from it. */
function defaultGateway(): string | undefined {
  try {
    const routes = readFileSync('/proc/net/route', 'utf8')
      .split('\n')
      .map((line) => line.split('\t'));
    const hex = routes.find(([, destination]) => destination === '00000000')?.[2];
    if (hex === undefined) return undefined;
    return [...Buffer.from(hex, 'hex')].toReversed().join('.');
  } catch {
    return undefined;
  }
}
