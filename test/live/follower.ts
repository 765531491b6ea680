import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../world/client.ts';
import { type Kind, lastId, logged, type Seen, type Watcher } from './clients.ts';

/** Pause (ms) before the next connection. */
const AGAIN_MS = 20;

/** Watches a stream until it is disposed of. When the stream breaks, it resumes after the last event it saw. */
export class Follower implements AsyncDisposable {
  readonly #kind: Kind;
  readonly #url: () => string;
  readonly #who: Client;
  readonly #connections: Watcher[] = [];
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(kind: Kind, url: () => string, who: Client) {
    this.#kind = kind;
    this.#url = url;
    this.#who = who;
    this.#running = this.#follow();
  }

  /** Events of all connections. */
  get seen(): Seen[] {
    return this.#connections.flatMap(logged);
  }

  get connections(): number {
    return this.#connections.filter(({ seen }) => seen.length > 0).length;
  }

  /** Breaks the present connection. */
  cut(): void {
    this.#connections.at(-1)?.vanish();
  }

  async #follow(): Promise<void> {
    let after = '0';
    while (!this.#isOver) {
      const watcher = await this.#kind.watch(this.#url(), this.#who, after).catch(() => undefined);
      if (watcher !== undefined) {
        this.#connections.push(watcher);
        await watcher.over;
        if (watcher.seen.length > 0) after = lastId(watcher);
      }
      await sleep(AGAIN_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.cut();
    await this.#running;
  }
}
