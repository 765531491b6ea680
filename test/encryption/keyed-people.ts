import { type Delivery, type Fetch, type KeyStore, Mahilo } from '@mahilo/client';
import type { Client } from '../world/client.ts';
import type { Surroundings } from '../world/surroundings.ts';

/** Keys in memory, which a test can read. */
export class MemoryKeys implements KeyStore {
  kept: string | undefined;

  async update(change: (kept: string | undefined) => string | undefined): Promise<void> {
    this.kept = change(this.kept) ?? this.kept;
  }

  /** The private JWKs of the one agent whose keys are kept. */
  get own(): { encrypt: PrivateJwk; sign: PrivateJwk } {
    return JSON.parse(this.kept ?? '{}').own[0];
  }
}

export interface PrivateJwk {
  kty: 'OKP';
  crv: string;
  x: string;
  d: string;
  kid: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a hostile registry answers whatever it likes
export type Tamper = (path: string, json: any, sent: any) => unknown;

/** Stands between a person and the registry, and may change each answer. To the person it is the registry. */
export class Wire {
  tamper: Tamper | undefined;
  /** Bodies of messages that were sent. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever was sent
  readonly sent: any[] = [];

  readonly fetch: Fetch = async (input, init) => {
    const url = new URL(String(input));
    const path = url.pathname.replace('/api/v1', '');
    const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    if (path === '/messages/send') this.sent.push(body);
    const response = await fetch(input, init);
    if (this.tamper === undefined || !response.headers.get('content-type')?.startsWith('application/json'))
      return response;
    const json = this.tamper(path, await response.json(), body);
    return Response.json(json, { status: response.status });
  };
}

/** A person whose agent has keys. */
export interface Keyed {
  client: Client;
  mahilo: Mahilo;
  keys: MemoryKeys;
  wire: Wire;
  connectionId: string;
}

export async function keyed(world: Surroundings, name: string): Promise<Keyed> {
  return withKeys(world, await world.newcomer(name));
}

export async function withKeys(world: Surroundings, client: Client, label = 'main'): Promise<Keyed> {
  const [keys, wire] = [new MemoryKeys(), new Wire()];
  const mahilo = new Mahilo({
    url: world.url,
    key: client.apiKey ?? '',
    keys,
    fetch: wire.fetch,
    retries: 0,
  });
  const { connection_id } = await mahilo.connect({ label });
  return { client, mahilo, keys, wire, connectionId: connection_id };
}

/** Two friends whose agents have keys. */
export async function friends(world: Surroundings): Promise<{ ann: Keyed; ben: Keyed }> {
  const [ann, ben] = [await keyed(world, 'ann'), await keyed(world, 'ben')];
  await ann.client.befriend(ben.client);
  return { ann, ben };
}

/** Fetches and acknowledges everything that waits for somebody. */
export async function read({ mahilo }: Keyed): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for await (const delivery of mahilo.inbox({ waitSeconds: 0 })) deliveries.push(delivery);
  return deliveries;
}
