import http from 'node:http';
import https from 'node:https';
import { isIP, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { parseAddress } from '../networks.ts';
import { addressRefusal, isLoopback } from './addresses.ts';
import { CLOSED_EARLY, ExchangeError, type Failure, REFUSED_ADDRESS } from './failures.ts';
import type { GuardedLookup } from './lookup.ts';
import type { EgressPolicy } from './policy.ts';

/** Shorter than common servers keep an idle connection, so that few turn out to be closed. */
const IDLE_MS = 4000;
/** For one address before trying the next; Node's default of 250 ms is less than a distant receiver takes. */
const ADDRESS_ATTEMPT_MS = 1000;

export interface EgressAgents {
  http: http.Agent;
  https: https.Agent;
}

interface ConnectOptions {
  host?: string | null | undefined;
  path?: string | null | undefined;
  socketPath?: string | undefined;
}

type OnCreate = (error: Error | null, socket: Duplex) => void;

export interface AgentOptions {
  policy: EgressPolicy;
  lookup: GuardedLookup;
  keepAlive: boolean;
  /** Authorities (PEM) to trust instead of the well-known ones; undefined: the well-known ones. */
  ca: string | undefined;
}

/**
 * Agents that connect only where the policy allows. They check literal addresses first, since those never reach a
 * look-up; names in the look-up; and the peer again before the first byte is sent.
 */
export function guardedAgents(options: AgentOptions): EgressAgents {
  return { http: new GuardedHttpAgent(options), https: new GuardedHttpsAgent(options) };
}

/**
 * Agents that connect to the forward proxy and nowhere else. The proxy resolves names and decides where they may
 * lead; `parseCallbackUrl` has checked literal addresses.
 */
export function proxyAgents(
  proxy: URL,
  { keepAlive, ca, timeoutMs }: { keepAlive: boolean; ca: string | undefined; timeoutMs: number },
): EgressAgents {
  const common = { keepAlive, proxyEnv: { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href } };
  return {
    http: new http.Agent({ ...common, timeout: IDLE_MS }),
    // Also bounds the CONNECT, which is not part of the request and outlives it.
    https: new https.Agent({ ...common, timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) }),
  };
}

class GuardedHttpAgent extends http.Agent {
  readonly #options: AgentOptions;

  constructor(options: AgentOptions) {
    super(agentOptions(options));
    this.#options = options;
  }

  override createConnection(options: http.ClientRequestArgs, callback?: OnCreate) {
    return guarded(this.#options, options, callback, (checked) => super.createConnection(checked));
  }
}

class GuardedHttpsAgent extends https.Agent {
  readonly #options: AgentOptions;

  constructor(options: AgentOptions) {
    super({
      ...agentOptions(options),
      rejectUnauthorized: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    });
    this.#options = options;
  }

  override createConnection(options: https.RequestOptions, callback?: OnCreate) {
    return guarded(this.#options, options, callback, (checked) => super.createConnection(checked));
  }
}

function agentOptions({ keepAlive }: AgentOptions): http.AgentOptions {
  return { keepAlive, timeout: IDLE_MS, scheduling: 'lifo' };
}

function guarded<Options extends ConnectOptions>(
  { policy, lookup }: AgentOptions,
  options: Options,
  callback: OnCreate | undefined,
  connect: (options: Options) => Duplex | null | undefined,
): Duplex | null | undefined {
  const host = options.host ?? '';
  const refused =
    Boolean(options.socketPath) ||
    Boolean(options.path) ||
    host === '' ||
    (isIP(host) !== 0 && addressRefusal(host, policy) !== undefined);
  if (refused) {
    // A throw here would be an uncaught exception for a request that waits in the agent's queue.
    callback?.(new ExchangeError(REFUSED_ADDRESS), undefined as unknown as Duplex);
    return undefined;
  }
  const network: Partial<NetConnectOpts> = {
    lookup: lookup.hook,
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
  };
  const socket = connect({ ...options, ...network }) as Socket;
  // The address that the system was told to connect to. A socket that was closed at once no longer has a peer to ask.
  let peer: Peer | undefined;
  socket.on('connectionAttempt', (address: string, port: number) => {
    peer = { address, port };
  });
  socket.once('connect', () => {
    const failure = peerFailure(peer, socket.localAddress, policy);
    if (failure !== undefined) socket.destroy(new ExchangeError(failure));
  });
  return socket;
}

interface Peer {
  address: string;
  port: number;
}

function peerFailure(
  peer: Peer | undefined,
  localAddress: string | undefined,
  policy: EgressPolicy,
): Failure | undefined {
  if (peer === undefined || addressRefusal(peer.address, policy) !== undefined) return REFUSED_ADDRESS;
  if (!policy.ownPorts.has(peer.port) || isLoopback(peer.address)) return undefined;
  // The system chose our address. It equals the peer's only when the peer is this host.
  if (localAddress === undefined) return CLOSED_EARLY;
  return isSameAddress(localAddress, peer.address) ? REFUSED_ADDRESS : undefined;
}

function isSameAddress(one: string, other: string): boolean {
  return parseAddress(one)?.toNormalizedString() === parseAddress(other)?.toNormalizedString();
}
