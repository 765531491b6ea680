import type { App } from '../src/deps.ts';

/** An answer of the API in this process. */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  json: any;
}

/** A user of the API in this process. */
export class Person {
  readonly id: string;
  readonly username: string;
  readonly #app: App;
  /** The header that proves who asks. */
  readonly authorization: string;

  constructor(app: App, id: string, username: string, apiKey: string) {
    this.#app = app;
    this.id = id;
    this.username = username;
    this.authorization = `Bearer ${apiKey}`;
  }

  static async register(app: App, username: string): Promise<Person> {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: { username } });
    const { user_id, api_key } = answer.json();
    return new Person(app, user_id, username, api_key);
  }

  /** `path` is below `/api/v1`. */
  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const answer = await this.#app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: this.authorization, ...headers },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, headers: answer.headers, json: answer.json() };
  }

  /** {@link call}, and asserts success. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  async ok(...request: Parameters<Person['call']>): Promise<any> {
    const { status, json } = await this.call(...request);
    if (status >= 300) throw new Error(`${request.slice(0, 2).join(' ')}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  async befriend(other: Person): Promise<string> {
    const { friendship_id } = await this.ok('POST', '/friends/request', { username: other.username });
    await other.ok('POST', `/friends/${friendship_id}/accept`);
    return friendship_id;
  }

  /** Connects an agent that polls. @returns the id of the connection. */
  async connectPolling(label = 'main', more: object = {}): Promise<string> {
    const agent = { framework: 'test', label, mode: 'polling', ...more };
    return (await this.ok('POST', '/agents', agent)).connection_id;
  }

  async send(recipient: Person, message: string, more: object = {}): Promise<Answer> {
    return this.call('POST', '/messages/send', { recipient: recipient.username, message, ...more });
  }
}
