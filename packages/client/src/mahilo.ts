import { type Call, Connection, type Fetch } from './connection.ts';
import type { Acquaintance, VerifyOptions } from './encryption/acquaintances.ts';
import type { Encryption } from './encryption/encryption.ts';
import type { KeyStore } from './encryption/key-store.ts';
import { bare, type Openable, type Opened } from './encryption/opening.ts';
import type { Encrypted } from './encryption/outgoing.ts';
import { type EventsOptions, events, type LiveEvent } from './events.ts';
import { acknowledge, type Delivery, type InboxOptions, inbox } from './inbox.ts';
import { MahiloError } from './mahilo-error.ts';
import type { components } from './openapi.ts';
import { items } from './pages.ts';
import { type SendOptions, type Sent, send } from './send.ts';
import type { AnswerTo, ItemOf, Method } from './typed-paths.ts';

type Schemas = components['schemas'];

export interface MahiloOptions {
  /** Where the registry is, with or without `/api/v1`. */
  url: string | URL;
  /** The API key: `mhl_…`. */
  key: string;
  /** Instead of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How often a request is repeated that found no answer, or one that asks to come back (default 5). */
  retries?: number | undefined;
  /**
   * Where the keys of end-to-end encryption are: the path of a file, one for each person and registry, which is made
   * when it is needed (Node only), or a store of your own. With them `connect` registers keys, `send` can encrypt, and
   * what comes encrypted is decrypted and verified.
   */
  keys?: string | KeyStore | undefined;
}

export interface RegisterOptions {
  /** Where the registry is, with or without `/api/v1`. */
  url: string | URL;
  username: string;
  displayName?: string | undefined;
  /** Where only invited people may register. */
  inviteToken?: string | undefined;
  /** Instead of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How often the request is repeated when it finds no answer: it is one registration nevertheless. */
  retries?: number | undefined;
}

export interface RequestOptions {
  body?: unknown;
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  signal?: AbortSignal | undefined;
}

/** The body of `POST /agents`; `framework` and `label` may be left out. */
export type ConnectOptions = Partial<Schemas['RegisterAgent']> & {
  /** Makes new keys. Friends are told of the change, and have to accept it before they write again. */
  newKeys?: boolean | undefined;
};

/** The answer of `POST /agents`: an agent that is new, or known by its framework and label. */
export type Connected = Schemas['RegisteredAgent'] | Schemas['UpdatedAgent'];

/** A registry, as one person with an API key uses it. Every method throws a {@link MahiloError} when it is refused. */
export class Mahilo {
  readonly #connection: Connection;
  readonly #keys: string | KeyStore | undefined;
  #encryption: Promise<Encryption> | undefined;

  /** @throws TypeError when the URL is none of a registry. */
  constructor(options: MahiloOptions) {
    this.#connection = new Connection(options);
    this.#keys = options.keys;
  }

  /** Registers a person. The API key in the answer is shown this once. */
  static async register(options: RegisterOptions): Promise<Schemas['Registered']> {
    const { username, displayName, inviteToken } = options;
    // By this the registry knows the request when it is repeated, and gives the key whose answer was lost.
    const retry_token = `${crypto.randomUUID()}${crypto.randomUUID()}`;
    const body = { username, display_name: displayName, invite_token: inviteToken, retry_token };
    const connection = new Connection(options);
    const { json } = await connection.call({
      method: 'POST',
      path: '/auth/register',
      body,
      isRepeatable: true,
    });
    return json as Schemas['Registered'];
  }

  /** Who you are. */
  me(): Promise<AnswerTo<'GET', '/auth/me'>> {
    return this.request('GET', '/auth/me');
  }

  /**
   * Connects an agent: one with a `callback_url` is called, one without it polls. The same framework and label again
   * (by default `mahilo-client` and `main`) is an update. `callback_secret` in the answer is shown this once. Where the
   * client has keys, the agent gets them.
   * @throws MahiloError KEYS_ELSEWHERE when the agent has keys that are not here.
   */
  async connect({ newKeys = false, ...options }: ConnectOptions = {}): Promise<Connected> {
    const agent = { framework: 'mahilo-client', label: 'main', ...options };
    if (this.#keys === undefined) return this.request<Connected>('POST', '/agents', { body: agent });
    const encryption = await this.#encrypting();
    const body = { ...agent, public_keys: await encryption.keysFor(agent, newKeys) };
    const connected = await this.request<Connected>('POST', '/agents', { body });
    await encryption.connected(agent, connected.connection_id);
    return connected;
  }

  /**
   * Sends a message. Repeats the request under the same idempotency key while there is no answer, or one that asks to
   * come back: it is one message however often it is repeated.
   */
  async send(options: SendOptions): Promise<Sent & Partial<Encrypted>> {
    if (!options.encrypt) return send(this.#connection, options);
    return (await this.#encrypting()).send(options);
  }

  /**
   * The messages of your polling agents, oldest first, each as soon as it is there. A message is acknowledged once the
   * body of the loop has ended; one that ends by `break` or an error comes again.
   */
  async *inbox(options: InboxOptions = {}): AsyncGenerator<Delivery, void, void> {
    yield* inbox(this.#connection, options, await this.#decrypting());
  }

  /**
   * A message of the history, or of anywhere else, with its text and whether it is verified; as it is where the client
   * has no keys. Never throws for what the message is: see `unopened`.
   */
  async open<Message extends Openable>(message: Message): Promise<Message | Opened<Message>> {
    return (await this.#decrypting())?.open(message) ?? bare(message);
  }

  /**
   * The agents of somebody that have keys, each with the 60 digits to compare, and, with `accept`, their keys taken for
   * theirs.
   * @throws MahiloError NO_KEYS, KEY_CHANGED
   */
  async verify(username: string, options: VerifyOptions = {}): Promise<Acquaintance[]> {
    return (await this.#encrypting()).verify(username, options);
  }

  /** Who signed a message that was opened here: the registry cannot say another one afterwards. */
  async senderOf(messageId: string): ReturnType<Encryption['senderOf']> {
    return (await this.#decrypting())?.senderOf(messageId);
  }

  /** Settles what the inbox gave, by its receipts. Repeating it is harmless. */
  async acknowledge(receipts: readonly string[]): Promise<Schemas['AcknowledgedMessages']> {
    return { acknowledged: await acknowledge(this.#connection, receipts) };
  }

  /** Everything that happens to you, each event once and in order, also through breaks of the connection. */
  events(options: EventsOptions = {}): AsyncGenerator<LiveEvent, void, void> {
    return events(this.#connection, options);
  }

  /** The items of a list, page after page: `pages('/messages?limit=100')`. */
  pages<Path extends string>(
    path: Path,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<ItemOf<Path>, void, void>;
  pages<Item>(path: string, options?: { signal?: AbortSignal }): AsyncGenerator<Item, void, void>;
  pages(path: string, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<unknown, void, void> {
    return items(this.#connection, path, signal);
  }

  /**
   * Any other request; `path` is below `/api/v1`. The type of the answer follows from the path where it is written out,
   * else say it: `request<Friend[]>('GET', path)`.
   */
  request<M extends Method, Path extends string>(
    method: M,
    path: Path,
    options?: RequestOptions,
  ): Promise<AnswerTo<M, Path>>;
  request<Answer>(method: Method, path: string, options?: RequestOptions): Promise<Answer>;
  async request(method: Method, path: string, options: RequestOptions = {}): Promise<unknown> {
    const { query, ...rest } = options;
    const call: Call = { ...rest, method, path: withQuery(path, query), isRepeatable: method === 'GET' };
    return (await this.#connection.call(call)).json;
  }

  /** @throws MahiloError NO_KEYS */
  #encrypting(): Promise<Encryption> {
    const keys = this.#keys;
    if (keys === undefined) throw new MahiloError('NO_KEYS', 'This client has no keys.', { status: 0 });
    this.#encryption ??= encryptionWith(this.#connection, keys);
    return this.#encryption;
  }

  async #decrypting(): Promise<Encryption | undefined> {
    return this.#keys === undefined ? undefined : this.#encrypting();
  }
}

/** Loaded when it is needed: who does not encrypt has nothing of it in the bundle's first part. */
async function encryptionWith(connection: Connection, keys: string | KeyStore): Promise<Encryption> {
  const { Encryption } = await import('./encryption/encryption.ts');
  if (typeof keys !== 'string') return new Encryption(connection, keys);
  const { KeyFile } = await import('./encryption/key-file.ts');
  return new Encryption(connection, new KeyFile(keys));
}

function withQuery(path: string, query: RequestOptions['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  if (parameters.size === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${parameters}`;
}
