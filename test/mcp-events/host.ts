import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createMCPClient,
  type Experimental_MCPEventStore as EventStore,
  type Experimental_MCPEventSubscription as EventSubscription,
  type Experimental_MCPEvents as Events,
  experimental_createMCPEventWebhook,
} from '@ai-sdk/mcp';

/** An event that the SDK has verified and accepted. */
export interface Told {
  subscriptionId: string;
  eventId: string;
  name: string;
  data: Record<string, unknown>;
}

/** A request to the receiver. */
export interface Posted {
  headers: Headers;
  body: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever was sent
  json: any;
}

/**
 * A host of the AI SDK that events wake: its client subscribes, its webhook verifies. Both are the
 * SDK's own, unmodified.
 */
export interface EventHost extends AsyncDisposable {
  /** The client's part. */
  events: Events;
  /** Its webhook; the client adds a key of its own. */
  delivery: { mode: 'webhook'; url: string; allowInsecureLocalhost: true };
  told: Told[];
  posted: Posted[];
  /** An answer from here replaces that of the SDK. */
  instead: (posted: Posted) => Response | undefined;
}

export async function eventHost(registryUrl: string, apiKey: string): Promise<EventHost> {
  const store = memoryStore();
  const told: Told[] = [];
  const accept = experimental_createMCPEventWebhook({
    store,
    onEvent: async ({ subscription, event: { eventId, name, data } }) => {
      told.push({ subscriptionId: subscription.id, eventId, name, data });
    },
  });
  const server = createServer(async (incoming, outgoing) => {
    const body = await textOf(incoming);
    const headers = new Headers(incoming.headers as Record<string, string>);
    const posted = { headers, body, json: JSON.parse(body) };
    host.posted.push(posted);
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, {
      method: 'POST',
      headers,
      body,
    });
    const response = host.instead(posted) ?? (await accept(request));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = await createMCPClient({
    transport: {
      type: 'http',
      url: `${registryUrl}/mcp`,
      headers: { authorization: `Bearer ${apiKey}` },
    },
    experimental_events: { store },
  });
  const { port } = server.address() as AddressInfo;
  const host: EventHost = {
    events: client.experimental_events,
    delivery: { mode: 'webhook', url: `http://127.0.0.1:${port}/events`, allowInsecureLocalhost: true },
    told,
    posted: [],
    instead: () => undefined,
    async [Symbol.asyncDispose]() {
      await client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return host;
}

function memoryStore(): EventStore {
  const byKey = new Map<string, EventSubscription>();
  return {
    get: async (key) => byKey.get(key),
    getById: async (id) => [...byKey.values()].find((one) => one.id === id),
    set: async (subscription) => void byKey.set(subscription.key, subscription),
    async update(key, patch) {
      const subscription = byKey.get(key);
      if (subscription !== undefined) byKey.set(key, { ...subscription, ...patch });
    },
    delete: async (key) => void byKey.delete(key),
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
