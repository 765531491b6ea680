import type { Environment, ProductProcess } from '../world/process.ts';
import type { World } from '../world/world.ts';

/** The product's processes under a supervisor that restarts what dies, as compose or systemd does. */
export class Fleet {
  readonly #world: World;
  readonly #environment: Environment;
  readonly #members = new Map<string, ProductProcess>();
  #supervising = true;
  #restarts: Promise<void>[] = [];

  constructor(world: World, environment: Environment = {}) {
    this.#world = world;
    this.#environment = environment;
  }

  async start(workers: number): Promise<void> {
    await this.#launch('api');
    for (let n = 1; n <= workers; n++) await this.#launch(`worker ${n}`);
  }

  get names(): string[] {
    return [...this.#members.keys()];
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
    const member =
      name === 'api'
        ? await this.#world.startApi(this.#environment)
        : await this.#world.startWorker(this.#environment);
    this.#members.set(name, member);
    void member.ended.then(() => {
      if (this.#supervising) this.#restarts.push(this.#relaunch(name));
    });
  }

  /** A start fails while the disk is full or the lock is held; like a supervisor, this tries again. */
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
