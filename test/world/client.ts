import { assertDocumented } from './documented.ts';

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  json: any;
}

/** Calls the API as one user, or as nobody. */
export class Client {
  readonly #baseUrl: () => string;
  readonly apiKey: string | undefined;
  readonly username: string;

  constructor(baseUrl: () => string, username = '', apiKey?: string) {
    this.#baseUrl = baseUrl;
    this.username = username;
    this.apiKey = apiKey;
  }

  /** `path` is below `/api/v1`, or absolute with `//` at its beginning. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    const url = path.startsWith('//')
      ? `${this.#baseUrl()}${path.slice(1)}`
      : `${this.#baseUrl()}/api/v1${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        ...(this.apiKey && { authorization: `Bearer ${this.apiKey}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(signal && { signal }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? undefined;
    const { pathname } = new URL(url);
    assertDocumented({ method, path: pathname, status: response.status, contentType, body: text });
    const isJson = contentType?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      json: isJson && text ? JSON.parse(text) : text,
    };
  }

  /** Like {@link call}, and asserts success. */
  async ok(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer['json']> {
    const answer = await this.call(method, path, body, headers);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  /** Registers a new user. @returns their client. */
  async register(username: string): Promise<Client> {
    const { api_key } = await this.ok('POST', '/auth/register', { username });
    return new Client(this.#baseUrl, username, api_key);
  }

  /** A client of the same registry with another key. */
  as(username: string, apiKey: string): Client {
    return new Client(this.#baseUrl, username, apiKey);
  }

  /** Asks for a list and, if it goes on, for its next page. */
  async follow(path: string): Promise<void> {
    const { headers } = await this.call('GET', path);
    const next = /^<\/api\/v1([^>]+)>/.exec(headers.get('link') ?? '')?.[1];
    if (next !== undefined) await this.ok('GET', next);
  }

  /** Connects an agent in callback mode. */
  async connect(
    callbackUrl: string,
    label = 'main',
  ): Promise<{ connection_id: string; callback_secret: string }> {
    return this.ok('POST', '/agents', {
      framework: 'test',
      label,
      callback_url: callbackUrl,
      public_key: 'AAAAC3NzaC1lZDI1NTE5',
      public_key_alg: 'ed25519',
    });
  }

  /** Connects an agent in polling mode. @returns the id of the connection. */
  async connectPolling(label = 'main'): Promise<string> {
    const { connection_id } = await this.ok('POST', '/agents', { framework: 'test', label, mode: 'polling' });
    return connection_id;
  }

  /** Fetches from the inbox; `query` stands after the `?`. */
  async fetch(query = ''): Promise<Answer['json']> {
    return this.ok('GET', `/inbox?${query}`);
  }

  /** Acknowledges fetched messages. @returns how many were settled now. */
  async acknowledge(fetched: readonly { delivery_id: string }[]): Promise<number> {
    const delivery_ids = fetched.map(({ delivery_id }) => delivery_id);
    return (await this.ok('POST', '/inbox/ack', { delivery_ids })).acknowledged;
  }

  async befriend(other: Client): Promise<string> {
    const { friendship_id } = await this.ok('POST', '/friends/request', { username: other.username });
    await other.ok('POST', `/friends/${friendship_id}/accept`);
    return friendship_id;
  }

  async send(
    recipient: Client,
    message: string,
    more: Record<string, unknown> = {},
  ): Promise<Answer['json']> {
    return this.ok('POST', '/messages/send', { recipient: recipient.username, message, ...more });
  }
}
