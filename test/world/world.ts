import { type Environment, ProductProcess } from './process.ts';
import { Surroundings } from './surroundings.ts';

/** The product in a place of its own: a directory with a database, processes that share it, and agents around it. */
export class World extends Surroundings {
  readonly #processes: ProductProcess[] = [];

  /** An API and a worker, ready to be used. */
  static async start(environment: Environment = {}): Promise<World> {
    const world = new World(environment);
    await world.startApi();
    await world.startWorker();
    return world;
  }

  /** Starts an API, on the port of the one before it: clients go on where they were. */
  async startApi(environment: Environment = {}): Promise<ProductProcess> {
    const api = this.spawn('api', { PORT: await this.port(), ...environment });
    this.url = String((await api.logged(/^API is listening/))['url']);
    api.keepCompiled();
    return api;
  }

  async startWorker(environment: Environment = {}): Promise<ProductProcess> {
    const worker = this.spawn('worker', environment);
    await worker.logged('Worker is delivering');
    worker.keepCompiled();
    return worker;
  }

  /** Starts a process and does not wait for it. */
  spawn(name: 'api' | 'worker', environment: Environment = {}): ProductProcess {
    const started = new ProductProcess(name, { ...this.environment, ...environment }, this.root);
    this.#processes.push(started);
    return started;
  }

  /** Kills every process at once, as a power cut would. */
  async killAll(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.kill()));
  }

  override endAll(): Promise<void> {
    return this.killAll();
  }
}
