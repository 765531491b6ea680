import { createHmac, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import type { Callback } from './callback.ts';
import { DemoError } from './demo-error.ts';
import type { Person } from './person.ts';

/** A pause (ms) before each reply, so that a person can follow the conversation. */
export const THINKING_MS = 350;

/** How an agent judged one request to its callback URL. */
export type Heard =
  | { kind: 'new' | 'again'; callback: Callback; attempt: number; at: number }
  | { kind: 'forged'; at: number };

export interface DemoAgentOptions {
  owner: Person;
  label: string;
  /** The reply to a message; undefined: none. */
  reply(callback: Callback): string | undefined;
  onHeard(agent: Agent, heard: Heard): void;
  /** Reports a reply that could not be sent. */
  onError(error: unknown): void;
}

/** An agent as its developer would write it: verifies what comes in, takes each message once, and answers it. */
export class Agent {
  readonly heard: Heard[] = [];
  readonly #options: DemoAgentOptions;
  readonly #seen = new Set<string>();
  #server = createServer();
  #port = 0;
  #secret = '';
  #connectionId = '';

  constructor(options: DemoAgentOptions) {
    this.#options = options;
  }

  get owner(): Person {
    return this.#options.owner;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/callback`;
  }

  /** Listens: on the port it had before, if it had one. */
  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const heard = this.#hear(request.headers, Buffer.concat(chunks));
      response.writeHead(heard.kind === 'forged' ? 401 : 200).end();
      this.heard.push(heard);
      this.#options.onHeard(this, heard);
      // The reply comes after the 200: a slow thought must not look like a failed delivery.
      if (heard.kind === 'new') this.#reply(heard.callback).catch(this.#options.onError);
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new DemoError(`The agent cannot listen: ${cause.message}.`, { cause })),
      );
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops at once: its port refuses connections. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  /** Registers with the registry, and learns the secret that signs callbacks. */
  async connect(): Promise<void> {
    const { publicKey } = generateKeyPairSync('ed25519');
    const answer = (await this.owner.call('POST', '/agents', {
      framework: 'demo',
      label: this.#options.label,
      callback_url: this.url,
      public_key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      public_key_alg: 'ed25519',
    })) as { connection_id: string; callback_secret: string };
    this.#connectionId = answer.connection_id;
    this.#secret = answer.callback_secret;
  }

  #hear(headers: IncomingHttpHeaders, body: Buffer): Heard {
    const at = performance.now();
    if (!isGenuine(this.#secret, headers, body)) return { kind: 'forged', at };
    const callback = JSON.parse(body.toString('utf8')) as Callback;
    const kind = this.#seen.has(callback.message_id) ? 'again' : 'new';
    this.#seen.add(callback.message_id);
    return { kind, callback, attempt: Number(headers['x-mahilo-attempt']), at };
  }

  async #reply(callback: Callback): Promise<void> {
    const text = this.#options.reply(callback);
    if (text === undefined) return;
    await sleep(THINKING_MS);
    await this.owner.reply(callback, text, this.#connectionId);
  }
}

/** Whether both signatures of a callback are right: Standard Webhooks, and the protocol's own. */
function isGenuine(secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
  } catch {
    return false;
  }
  const timestamp = String(headers['x-mahilo-timestamp']);
  const mac = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
  const [expected, given] = [`sha256=${mac}`, String(headers['x-mahilo-signature'])].map((text) =>
    Buffer.from(text),
  ) as [Buffer, Buffer];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
