import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isOwnNetwork } from '@mahilo/shared/egress/addresses';
import { type Address, isInside, parseAddress, parseCidrList } from '@mahilo/shared/networks';
import type { App } from '../deps.ts';

/** Where a request comes from. */
export interface Client {
  address: string;
  /** What counts as one client: an IPv4 address, or an IPv6 /64, the least that a customer gets. */
  network: string;
  /** The IPv6 /48 around it, which may also belong to one customer; undefined for IPv4. */
  site: string | undefined;
  /** A loopback or private address: perhaps a proxy that TRUST_PROXY does not name, with many people behind it. */
  isOwn: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    client: Client;
  }
}

const UNKNOWN: Client = { address: 'unknown', network: 'unknown', site: undefined, isOwn: true };

/**
 * `[v6]`, `[v6]:port` or `v4:port`, to extract the address. RFC 7239 §6 has these forms, and some proxies write them.
 */
const WITH_PORT = /^(?:\[([^\]]*)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;

/** Gives each request its `client`: the last address on the way that no trusted proxy (`TRUST_PROXY`) vouches for. */
export function registerClientAddress(app: App, clientOf: ClientOf): void {
  app.decorateRequest('client');
  app.addHook('onRequest', (request, _reply, done) => {
    request.client = clientOf(request.raw);
    done();
  });
}

type ClientOf = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => Client;

/** Identifies the client of a request, and the peer of a bare connection. */
export class ClientAddresses {
  readonly #isTrusted: (address: Address) => boolean;
  readonly #peers = new WeakMap<
    Socket,
    { address: Address | undefined; client: Client; isTrusted: boolean }
  >();

  constructor(trustProxy: string | undefined) {
    const proxies = parseCidrList('TRUST_PROXY', trustProxy);
    this.#isTrusted = (address) => isInside(address, proxies);
  }

  /** The peer of a connection, and whether it is a trusted proxy. */
  peerOf(socket: Socket): { client: Client; isTrusted: boolean } {
    return this.#peerOf(socket);
  }

  /** Junk counts as its sender's own: whatever a client invents, it never gets a new address. */
  clientOf({ socket, headers }: Parameters<ClientOf>[0]): Client {
    const peer = this.#peerOf(socket);
    const forwarded = headers['x-forwarded-for'];
    if (!peer.isTrusted || peer.address === undefined || forwarded === undefined) return peer.client;
    let sender = peer.address;
    for (const entry of [forwarded].flat().join(',').split(',').reverse()) {
      const address = forwardedAddress(entry.trim());
      if (address === undefined) break;
      sender = address;
      if (!this.#isTrusted(address)) break;
    }
    return toClient(sender);
  }

  #peerOf(socket: Socket) {
    const cached = this.#peers.get(socket);
    if (cached !== undefined) return cached;
    // Undefined once the connection is gone.
    const address = parseAddress(socket.remoteAddress ?? '');
    const peer = {
      address,
      client: address === undefined ? UNKNOWN : toClient(address),
      isTrusted: address !== undefined && this.#isTrusted(address),
    };
    this.#peers.set(socket, peer);
    return peer;
  }
}

function forwardedAddress(entry: string): Address | undefined {
  const [, v6, v4] = WITH_PORT.exec(entry) ?? [];
  return parseAddress(v6 ?? v4 ?? entry);
}

function toClient(address: Address): Client {
  const text = address.toString();
  const isOwn = isOwnNetwork(address);
  if (address.kind() === 'ipv4') return { address: text, network: text, site: undefined, isOwn };
  const groups = address.toByteArray().slice(0, 8);
  const prefix = (bytes: number) => `${Buffer.from(groups.slice(0, bytes)).toString('hex')}/${8 * bytes}`;
  return { address: text, network: prefix(8), site: prefix(6), isOwn };
}
