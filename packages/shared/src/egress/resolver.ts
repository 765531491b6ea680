import { Resolver } from 'node:dns/promises';
import { fromChangingFile } from './changing-file.ts';
import { ExchangeError, receiverFault, registryFault } from './failures.ts';
import { within } from './within.ts';

const TRY_MS = 1000;
const TRIES = 3;
const SECOND_FAMILY_GRACE_MS = 500;

/** The system's name servers. c-ares reads it when a `Resolver` is created, and never again. */
const RESOLV_CONF = '/etc/resolv.conf';

/** c-ares codes that are an answer: the name does not exist, or has no address. */
const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'EBADNAME']);
const NO_ADDRESS = 'ENODATA';

interface FamilyAnswer {
  addresses: readonly string[];
  code: string;
}

export interface AddressResolver {
  /**
   * All addresses of a name in DNS; empty when it has none. Throws ExchangeError `dns` when the receiver's DNS fails,
   * and as a registry fault when ours does.
   */
  resolve(name: string): Promise<readonly string[]>;
  close(): void;
}

/**
 * A stub resolver on c-ares, which needs no thread of libuv's pool: `dns.lookup` does, and four names with a silent
 * name server would then stop everything else that needs one. `timeoutMs` bounds one resolution.
 *
 * Without `servers` it asks the system's: a `Resolver` is made (`make`, with the text of the file) whenever `resolvConf`
 * has changed. c-ares knows no other path than the usual one, so another needs another `make`.
 */
export function createResolver(
  servers: readonly string[] | undefined,
  timeoutMs: number,
  resolvConf = RESOLV_CONF,
  make: (text: string) => Resolver = newResolver,
): AddressResolver {
  const resolver = servers === undefined ? fromChangingFile(resolvConf, make) : fixed(servers);
  let probe: Promise<boolean> | undefined;

  const ask = (answer: Promise<string[]>): Promise<FamilyAnswer> =>
    within(
      answer.then(
        (addresses) => ({ addresses, code: '' }),
        (error: NodeJS.ErrnoException) => ({ addresses: [], code: error.code ?? '' }),
      ),
      timeoutMs,
      { addresses: [], code: 'ETIMEOUT' },
    );

  /** Whether the resolver answers at all: every recursive one has the root's name servers in its cache. */
  async function works(): Promise<boolean> {
    const { code } = await ask(resolver().resolveNs('.'));
    return code === '' || code === NO_ADDRESS || NO_SUCH_NAME.has(code);
  }

  async function resolve(name: string): Promise<readonly string[]> {
    const v4 = ask(resolver().resolve4(name));
    const v6 = ask(resolver().resolve6(name));
    const first = await Promise.race([v4, v6]);
    // As RFC 8305 (3) advises: with one family resolved, do not wait long for the other.
    const graceMs = first.addresses.length > 0 ? SECOND_FAMILY_GRACE_MS : timeoutMs;
    const late = { addresses: [], code: 'ETIMEOUT' };
    const answers = await Promise.all([within(v4, graceMs, late), within(v6, graceMs, late)]);
    const addresses = answers.flatMap((answer) => answer.addresses);
    if (addresses.length > 0) return addresses;
    const codes = answers.map((answer) => answer.code);
    if (codes.some((code) => NO_SUCH_NAME.has(code)) || codes.every((code) => code === NO_ADDRESS)) return [];
    // Silence and SERVFAIL may mean that the receiver's name servers are broken, or that ours is.
    probe ??= works().finally(() => {
      probe = undefined;
    });
    throw new ExchangeError(
      (await probe)
        ? receiverFault('dns', 'The name servers of the callback URL’s domain do not answer.')
        : registryFault('dns', 'The registry’s name resolution is not working.'),
    );
  }

  return { resolve, close: () => resolver().cancel() };
}

function fixed(servers: readonly string[]): () => Resolver {
  const resolver = newResolver();
  resolver.setServers(servers);
  return () => resolver;
}

function newResolver(): Resolver {
  return new Resolver({ timeout: TRY_MS, tries: TRIES });
}
