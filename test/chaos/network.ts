import { setTimeout as pause } from 'node:timers/promises';
import { serverUrlsOf } from '@mahilo/shared/postgres-url';
import { CommitProxy } from '@mahilo/shared/test/postgres/commit-proxy';
import type { Dice } from './dice.ts';

/** How long (ms) to wait for the COMMITs that are to be cut. */
const TRAP_MS = 3000;
const LOOK_EVERY_MS = 20;

/** The network between the product's processes and all servers of their database. */
export class Network implements AsyncDisposable {
  readonly #proxies: readonly CommitProxy[];

  private constructor(proxies: readonly CommitProxy[]) {
    this.#proxies = proxies;
  }

  /** A network before the servers that a DATABASE_URL names. */
  static async before(databaseUrl: string): Promise<Network> {
    const urls = serverUrlsOf(databaseUrl) ?? [];
    return new Network(await Promise.all(urls.map((url) => CommitProxy.start(url))));
  }

  /** DATABASE_URL for those who are behind it. */
  get url(): string {
    const urls = this.#proxies.map((proxy) => new URL(proxy.url));
    const [first] = urls;
    if (first === undefined) throw new Error('The database has no server.');
    return first.href.replace(first.host, urls.map(({ host }) => host).join(','));
  }

  /** Ends all connections, and allows none for so long (ms). */
  async cut(ms: number): Promise<void> {
    for (const proxy of this.#proxies) proxy.cut();
    await this.#mendAfter(ms);
  }

  /** For so long (ms) nothing passes, and no connection ends. */
  async hold(ms: number): Promise<void> {
    for (const proxy of this.#proxies) proxy.hold();
    await this.#mendAfter(ms);
  }

  /** Cuts the connections of the next COMMITs, before these arrive or before their answers do. */
  async cutCommits(dice: Dice): Promise<void> {
    for (const { cuts } of this.#proxies) {
      for (let n = dice.between(2, 6); n > 0; n--) cuts.push(dice.chance(0.3) ? 'before' : 'after');
    }
    // Those before a replica see no COMMIT.
    const isOver = () => this.#proxies.some(({ cuts }) => cuts.length === 0);
    for (let waited = 0; waited < TRAP_MS && !isOver(); waited += LOOK_EVERY_MS) await pause(LOOK_EVERY_MS);
    for (const { cuts } of this.#proxies) cuts.length = 0;
  }

  async #mendAfter(ms: number): Promise<void> {
    await pause(ms);
    for (const proxy of this.#proxies) proxy.mend();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
