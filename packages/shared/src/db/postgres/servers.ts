import { Socket } from 'node:net';
import { serverUrlsOf } from '../../postgres-url.ts';

/** The servers of which one is the primary, and which of them that seems to be. All connections of a process share it. */
export class Servers {
  /** Whether statements stay prepared on a connection: not where a pooler gives it to others between transactions. */
  readonly prepares: boolean;
  readonly #urls: readonly string[];
  readonly #sockets = new Map<string, Set<Socket>>();
  #current = 0;

  /** @throws Error when the text names no server. */
  constructor(databaseUrl: string, prepares = true) {
    const urls = serverUrlsOf(databaseUrl);
    if (urls === undefined) throw new Error('The URL of a database names no server.');
    this.#urls = urls;
    this.prepares = prepares;
  }

  /** The URL of the one to try. */
  get url(): string {
    return this.#urls[this.#current] ?? '';
  }

  /** This one cannot be used: another is the one to try, unless somebody has found that before. */
  failed(url: string): void {
    if (url === this.url) this.#current = (this.#current + 1) % this.#urls.length;
  }

  /** A socket for a connection to one of them; it ends when that is {@link gone}. */
  socketTo(url: string): Socket {
    const socket = new Socket();
    const all = this.#sockets.get(url) ?? new Set();
    this.#sockets.set(url, all.add(socket));
    return socket.once('close', () => all.delete(socket));
  }

  /**
   * This one does not answer any more, and no system has said so: its host is gone, or the network. What waits for its
   * answers fails at once, instead of when each has waited for long.
   */
  gone(url: string): void {
    this.failed(url);
    for (const socket of this.#sockets.get(url) ?? []) socket.destroy();
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
