import { freePort } from '../world/free-port.ts';
import type { Environment, ProductProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';

/** The product's processes under a supervisor that restarts what dies, as compose or systemd does. */
export class Fleet {
  readonly #world: World;
  readonly #environment: Environment;
  readonly #members = new Map<string, ProductProcess>();
  /** Of the APIs beside the first. They keep their ports. */
  readonly #otherUrls = new Map<string, string>();
  #asked = 0;
  #supervising = true;
  #restarts: Promise<void>[] = [];

  constructor(world: World, environment: Environment = {}) {
    this.#world = world;
    this.#environment = environment;
  }

  async start(workers: number, apis = 1): Promise<void> {
    for (let n = 1; n <= apis; n++) await this.#launch(n === 1 ? 'api' : `api ${n}`);
    for (let n = 1; n <= workers; n++) await this.#launch(`worker ${n}`);
  }

  get names(): string[] {
    return [...this.#members.keys()];
  }

  get apis(): string[] {
    return this.names.filter((name) => name.startsWith('api'));
  }

  /** One of the APIs, each in turn. */
  get url(): string {
    this.#asked += 1;
    const urls = [this.#world.url, ...this.#otherUrls.values()];
    return urls[this.#asked % urls.length] ?? '';
  }

  get workers(): string[] {
    return this.names.filter((name) => name.startsWith('worker'));
  }

  pidOf(name: string): number {
    return this.#members.get(name)?.child.pid ?? -1;
  }

  /** Sends a signal; when it ends the process, the supervisor starts another. */
  signal(name: string, signal: NodeJS.Signals): void {
    this.#members.get(name)?.child.kill(signal);
  }

  /** Resolves when the current process of this name has ended. */
  async ended(name: string): Promise<void> {
    await this.#members.get(name)?.ended;
  }

  /** Resolves when every process serves. */
  async settled(): Promise<void> {
    while (this.#restarts.length > 0) await Promise.all(this.#restarts.splice(0));
  }

  /** Stops restarting; running processes go on. */
  retire(): void {
    this.#supervising = false;
  }

  async #launch(name: string): Promise<void> {
    const member = await this.#start(name);
    this.#members.set(name, member);
    void member.ended.then(() => {
      if (this.#supervising) this.#restarts.push(this.#relaunch(name));
    });
  }

  #start(name: string): Promise<ProductProcess> {
    if (name === 'api') return this.#world.startApi(this.#environment);
    if (name.startsWith('api')) return this.#startOtherApi(name);
    return this.#world.startWorker(this.#environment);
  }

  async #startOtherApi(name: string): Promise<ProductProcess> {
    const url = this.#otherUrls.get(name) ?? `http://127.0.0.1:${await freePort()}`;
    const api = this.#world.spawn('api', { PORT: new URL(url).port, ...this.#environment });
    await api.logged(/^API is listening/);
    this.#otherUrls.set(name, url);
    return api;
  }

  /** A start fails while the disk is full or the lock is held: it is tried again, as a supervisor does. */
  async #relaunch(name: string): Promise<void> {
    while (this.#supervising) {
      try {
        await this.#launch(name);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }
}
