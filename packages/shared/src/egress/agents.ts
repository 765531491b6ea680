import http from 'node:http';
import https from 'node:https';
import { isIP, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressRefusal, isLoopback } from './addresses.ts';
import { CLOSED_EARLY, ExchangeError, type Failure, REFUSED_ADDRESS } from './failures.ts';
import type { GuardedLookup } from './lookup.ts';
import { parseAddress } from './networks.ts';
import type { EgressPolicy } from './policy.ts';

/** Shorter than what common servers keep an idle connection for, so that few are found closed. */
const IDLE_MS = 4000;
/** For one address before the next is tried; Node's 250 ms are less than a distant receiver takes. */
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
  /** Authorities (PEM) to trust instead of the well-known ones; undefined: those. */
  ca: string | undefined;
}

/**
 * Agents that connect only where the policy allows. Literal addresses never reach a look-up, so they are judged before;
 * names are judged in the look-up; and whatever happened, the peer is judged again before the first byte is sent.
 */
export function guardedAgents(options: AgentOptions): EgressAgents {
  return { http: new GuardedHttpAgent(options), https: new GuardedHttpsAgent(options) };
}

/**
 * Agents that connect to the forward proxy and nowhere else. It resolves the names, so what they resolve to is its to
 * judge; `parseCallbackUrl` has judged literal addresses.
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
  // What the system was told to connect to. Asked afterwards, a socket that was closed at once has no peer any more.
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
  // The address that the system chose for our end is the peer's only when the peer is this host.
  if (localAddress === undefined) return CLOSED_EARLY;
  return isSameAddress(localAddress, peer.address) ? REFUSED_ADDRESS : undefined;
}

function isSameAddress(one: string, other: string): boolean {
  return parseAddress(one)?.toNormalizedString() === parseAddress(other)?.toNormalizedString();
}
