import type { App } from '../src/deps.ts';
import type { Answer } from './person.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** A browser that shows a page of the registry: it keeps the cookie, and says where its requests come from. */
export class BrowserDouble {
  /** What it would send as `Cookie`. */
  cookie = '';
  /** The last `Set-Cookie`. */
  setCookie = '';
  readonly #app: () => App;

  constructor(app: () => App) {
    this.#app = app;
  }

  /** `path` is below `/api/v1`. */
  async call(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
    headers: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Answer> {
    const all = {
      'user-agent': FIREFOX,
      'sec-fetch-site': 'same-origin',
      ...(this.cookie && { cookie: this.cookie }),
      ...headers,
    };
    const answer = await this.#app().inject({
      method,
      url: `/api/v1${path}`,
      headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
      ...(payload && { payload }),
    });
    const [set] = [answer.headers['set-cookie'] ?? []].flat();
    if (set !== undefined) {
      this.setCookie = set;
      this.cookie = /Max-Age=0\b/.test(set) ? '' : (set.split(';', 1)[0] ?? '');
    }
    return { status: answer.statusCode, headers: answer.headers, json: answer.json() };
  }

  /** Signs in with an API key. */
  async signIn(apiKey: string): Promise<Answer> {
    return this.call('POST', '/auth/sessions', { api_key: apiKey });
  }

  /** Whether it is signed in. */
  async isSignedIn(): Promise<boolean> {
    return (await this.call('GET', '/auth/me')).status === 200;
  }
}
