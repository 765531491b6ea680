import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { addressRefusal } from './addresses.ts';
import { ExchangeError, REFUSED_ADDRESS, receiverFault, registryFault } from './failures.ts';
import { hostsFile } from './hosts-file.ts';
import type { EgressPolicy } from './policy.ts';
import { createResolver } from './resolver.ts';
import { isLocalhostName } from './url.ts';
import { within } from './within.ts';

const MAX_LOOKUP_MS = 3000;
const MAX_ADDRESSES = 64;
/** How many of a name's addresses are tried: a name is no list of hosts to knock at. */
const MAX_TRIED = 4;
/** Of the four threads that libuv has for all of the process. */
const MAX_SYSTEM_LOOKUPS = 2;

export interface GuardedLookup {
  /** For `net.connect`: gives addresses only when the policy allows every address of the name. */
  hook: LookupFunction;
  /**
   * The addresses of a name, all of them allowed. Throws ExchangeError: `refused_address` when a single one is not,
   * `dns` when there are none.
   */
  addresses(name: string): Promise<readonly string[]>;
  close(): void;
}

/**
 * Name resolution that checks what it finds. It is asked anew for every connection, so a name that changes its address
 * after registration (DNS rebinding) is judged by the address that the socket really gets. `timeoutMs` is what a whole
 * exchange may take; a resolution takes at most half of it.
 */
export function createLookup(policy: EgressPolicy, timeoutMs: number): GuardedLookup {
  const lookupMs = Math.min(MAX_LOOKUP_MS, timeoutMs / 2);
  const resolver = createResolver(policy.dnsServers, lookupMs);
  const inHostsFile = hostsFile();
  const underway = new Map<string, Promise<readonly string[]>>();
  let systemLookups = 0;

  async function find(name: string): Promise<readonly string[]> {
    if (isLocalhostName(name)) return ['127.0.0.1', '::1'];
    const listed = inHostsFile(name);
    if (listed.length > 0) return listed;
    const found = await resolver.resolve(name);
    return found.length > 0 || !policy.allowPrivate || policy.dnsServers !== undefined
      ? found
      : findBySystem(name);
  }

  /**
   * The C library's way, which knows search domains, mDNS and whatever else the host is set up for. Names of one's own
   * network only: it takes a thread.
   */
  async function findBySystem(name: string): Promise<readonly string[]> {
    if (systemLookups >= MAX_SYSTEM_LOOKUPS)
      throw new ExchangeError(registryFault('dns', 'The registry’s name resolution is busy.'));
    systemLookups += 1;
    const answer = systemLookup(name, { all: true })
      .then(
        (entries) => entries.map((entry) => entry.address),
        () => [],
      )
      .finally(() => {
        systemLookups -= 1;
      });
    return within<readonly string[]>(answer, lookupMs, []);
  }

  async function check(name: string): Promise<readonly string[]> {
    const found = await find(name);
    if (found.length === 0)
      throw new ExchangeError(
        receiverFault('dns', 'The name in the callback URL does not resolve to an address.'),
      );
    if (found.length > MAX_ADDRESSES)
      throw new ExchangeError(receiverFault('dns', 'The name in the callback URL has too many addresses.'));
    if (found.some((address) => addressRefusal(address, policy) !== undefined))
      throw new ExchangeError(REFUSED_ADDRESS);
    return found;
  }

  function addresses(name: string): Promise<readonly string[]> {
    const shared = underway.get(name);
    if (shared !== undefined) return shared;
    const checked = check(name).finally(() => underway.delete(name));
    underway.set(name, checked);
    return checked;
  }

  const hook: LookupFunction = (name, options, callback) => {
    addresses(name).then(
      (found) => {
        const entries = found
          .map((address) => ({ address, family: isIP(address) }))
          .filter(
            ({ family }) => !options.family || family === Number(String(options.family).replace('IPv', '')),
          )
          .slice(0, MAX_TRIED);
        const [first] = entries;
        if (first === undefined)
          callback(new ExchangeError(receiverFault('dns', 'The name has no address of that family.')), '', 0);
        else if (options.all === true) callback(null, entries);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, options.all === true ? [] : '', 0),
    );
  };

  return { hook, addresses, close: resolver.close };
}
