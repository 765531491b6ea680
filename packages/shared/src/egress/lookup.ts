import type { LookupAddress, LookupOptions } from 'node:dns';
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
/** Most addresses of a name to try, so that a name is no list of hosts to scan. */
const MAX_TRIED = 4;
/** Of the four threads that libuv has for the whole process. */
const MAX_SYSTEM_LOOKUPS = 2;

export interface GuardedLookup {
  /** For `net.connect`: gives addresses only when the policy allows every address of the name. */
  hook: LookupFunction;
  /**
   * The addresses of a name, if the policy allows all of them. Throws ExchangeError: `refused_address` when it
   * refuses one, `dns` when there are none.
   */
  addresses(name: string): Promise<readonly string[]>;
  close(): void;
}

/**
 * Name resolution that checks what it finds. Every connection resolves again, so a name that changes its address
 * after registration (DNS rebinding) is judged by the address that the socket really gets. `timeoutMs` is the time
 * for a whole exchange; a resolution takes at most half of it.
 */
export function createLookup(policy: EgressPolicy, timeoutMs: number): GuardedLookup {
  const lookupMs = Math.min(MAX_LOOKUP_MS, timeoutMs / 2);
  const resolver = createResolver(policy.dnsServers, lookupMs);
  const inHostsFile = hostsFile();
  const findBySystem = createSystemLookup(lookupMs);
  const underway = new Map<string, Promise<readonly string[]>>();

  async function find(name: string): Promise<readonly string[]> {
    if (isLocalhostName(name)) return ['127.0.0.1', '::1'];
    const listed = inHostsFile(name);
    if (listed.length > 0) return listed;
    const found = await resolver.resolve(name);
    return found.length > 0 || !policy.allowPrivate || policy.dnsServers !== undefined
      ? found
      : findBySystem(name);
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
        const entries = entriesOf(found, options.family).slice(0, MAX_TRIED);
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

/** Addresses of one family, or of both when none is asked for, as `net.connect` takes them. */
function entriesOf(addresses: readonly string[], asked: LookupOptions['family']): LookupAddress[] {
  const entries = addresses.map((address) => ({ address, family: isIP(address) }));
  if (!asked) return entries;
  return entries.filter(({ family }) => family === Number(String(asked).replace('IPv', '')));
}

/**
 * Asks the C library, which knows search domains, mDNS and whatever else the host is set up for. Only for names of the
 * operator's own network, since each lookup takes a thread.
 */
function createSystemLookup(timeoutMs: number): (name: string) => Promise<readonly string[]> {
  let underway = 0;
  return async (name) => {
    if (underway >= MAX_SYSTEM_LOOKUPS)
      throw new ExchangeError(registryFault('dns', 'The registry’s name resolution is busy.'));
    underway += 1;
    const answer = systemLookup(name, { all: true })
      .then(
        (entries) => entries.map((entry) => entry.address),
        () => [],
      )
      .finally(() => {
        underway -= 1;
      });
    return within<readonly string[]>(answer, timeoutMs, []);
  };
}
