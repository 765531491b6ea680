import type { App } from '../src/deps.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the answer holds
  json: any;
}

/** Calls the API in this process, with one key or another; `path` is below `/api/v1`. */
export class ApiClient {
  readonly #app: () => App;

  constructor(app: () => App) {
    this.#app = app;
  }

  async call(key: string | undefined, method: string, path: string, payload?: object): Promise<Answer> {
    const answer = await this.#app().inject({
      method: method as 'GET',
      url: `/api/v1${path}`,
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      ...(payload && { payload }),
    });
    const isJson = answer.headers['content-type']?.startsWith('application/json') && answer.body !== '';
    return { status: answer.statusCode, json: isJson ? answer.json() : undefined };
  }

  /** Like {@link call}, and asserts success. @returns the body. */
  async ok(key: string, method: string, path: string, payload?: object): Promise<Answer['json']> {
    const { status, json } = await this.call(key, method, path, payload);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  /** Registers a user. @returns the API key. */
  async register(username: string): Promise<string> {
    return (await this.call(undefined, 'POST', '/auth/register', { username })).json.api_key;
  }

  /** Every route of the OpenAPI document, as `POST /agents/{id}/ping`. */
  routes(): string[] {
    return Object.entries(this.#app().swagger().paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    );
  }
}
