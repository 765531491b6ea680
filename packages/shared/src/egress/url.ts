import { isIP } from 'node:net';
import { addressRefusal, isLoopback } from './addresses.ts';
import type { EgressPolicy } from './policy.ts';

const MAX_URL_LENGTH = 2048;
const LAST_SYSTEM_PORT = 1023;

/** Above 1023, but never the port of a receiver: services that act on whatever a POST contains, or hold an operator's data. */
const INTERNAL_SERVICES: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5984, 6379, 6443, 6667,
  8500, 9042, 9092, 9200, 9300, 10_250, 10_255, 11_211, 15_672, 25_672, 26_379, 27_017,
]);

/** A URL that no callback may go to. The message is one sentence for the person who gave the URL. */
export class CallbackUrlError extends Error {
  override name = 'CallbackUrlError';
}

/**
 * Parses the URL of a callback and checks it as far as possible without DNS. Throws CallbackUrlError. Use the URL
 * that it returns: parsing the text again elsewhere may give another host.
 */
export function parseCallbackUrl(text: string, policy: EgressPolicy): URL {
  if (text.length > MAX_URL_LENGTH)
    throw new CallbackUrlError(`The URL must be at most ${MAX_URL_LENGTH} characters long.`);
  const url = URL.parse(text);
  if (url === null) throw new CallbackUrlError('This is not a valid absolute URL.');
  refuseParts(text, url);
  // The dot of a fully qualified name means nothing to a socket, but breaks the server name of TLS (RFC 6066, 3).
  url.hostname = url.hostname.replace(/\.$/, '');
  refuseHost(url, policy);
  refuseScheme(url, policy);
  const refusedPort = portRefusal(portOf(url), policy);
  if (refusedPort !== undefined) throw new CallbackUrlError(refusedPort);
  return url;
}

/** A URL's host as a socket takes it: without brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Whether a name means this host, without asking anyone (RFC 6761, 6.3). */
export function isLocalhostName(name: string): boolean {
  return /(?:^|\.)localhost$/i.test(name.replace(/\.$/, ''));
}

function refuseParts(text: string, url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new CallbackUrlError('The URL must start with https://.');
  if (url.username !== '' || url.password !== '') {
    throw new CallbackUrlError('The URL must not contain a user name or password.');
  }
  // An empty fragment leaves no trace in the parsed URL.
  if (url.hash !== '' || text.includes('#'))
    throw new CallbackUrlError('The URL must not contain a fragment (#).');
}

function refuseHost(url: URL, policy: EgressPolicy): void {
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    const refusal = addressRefusal(host, policy);
    if (refusal !== undefined) throw new CallbackUrlError(`The URL's address ${host} ${refusal}.`);
    return;
  }
  if (isLocalhostName(host)) {
    const refusal = addressRefusal('127.0.0.1', policy);
    if (refusal !== undefined)
      throw new CallbackUrlError(
        'The URL must not name localhost: callbacks must be reachable from outside.',
      );
    return;
  }
  if (host === '' || host.split('.').some((label) => label === '')) {
    throw new CallbackUrlError('The URL must contain a valid host name.');
  }
  if (!host.includes('.') && !policy.allowPrivate) {
    throw new CallbackUrlError('The URL must contain a full host name, with a domain.');
  }
}

function refuseScheme(url: URL, policy: EgressPolicy): void {
  if (url.protocol === 'https:' || policy.allowPrivate) return;
  const host = hostOf(url);
  if (!policy.production && (isLocalhostName(host) || isLoopback(host))) return;
  throw new CallbackUrlError('The URL must start with https://.');
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function portRefusal(port: number, policy: EgressPolicy): string | undefined {
  const allowed =
    policy.ports === undefined
      ? port === 80 || port === 443 || (port > LAST_SYSTEM_PORT && !INTERNAL_SERVICES.has(port))
      : policy.ports.some(([first, last]) => port >= first && port <= last);
  return allowed ? undefined : `The URL must not use port ${port}.`;
}
