import { serverUrlsOf } from '../../postgres-url.ts';

/** The servers of which one is the primary, and which of them that seems to be. All connections of a process share it. */
export class Servers {
  readonly #urls: readonly string[];
  #current = 0;

  /** @throws Error when the text names no server. */
  constructor(databaseUrl: string) {
    const urls = serverUrlsOf(databaseUrl);
    if (urls === undefined) throw new Error('DATABASE_URL names no server.');
    this.#urls = urls;
  }

  /** The URL of the one to try. */
  get url(): string {
    return this.#urls[this.#current] ?? '';
  }

  /** This one cannot be used: another is the one to try, unless somebody has found that before. */
  failed(url: string): void {
    if (url === this.url) this.#current = (this.#current + 1) % this.#urls.length;
  }

  /** Tries each once, the one that seems to be right first. @throws what the last attempt threw. */
  async tryEach<T>(attempt: (url: string) => Promise<T>): Promise<T> {
    for (let left = this.#urls.length; ; left -= 1) {
      const { url } = this;
      try {
        return await attempt(url);
      } catch (error) {
        this.failed(url);
        if (left <= 1) throw error;
      }
    }
  }
}
