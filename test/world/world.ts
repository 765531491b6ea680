import type { Environment, ProductProcess } from './process.ts';
import { Surroundings } from './surroundings.ts';

/** The product in its own directory: a database, processes that share it, and agents around it. */
export class World extends Surroundings {
  /** An API and a worker, ready to be used. */
  static async start(environment: Environment = {}): Promise<World> {
    const world = new World(environment);
    await world.startApi();
    await world.startWorker();
    return world;
  }

  /** Starts an API, on the port of the one before it: clients go on where they were. */
  async startApi(environment: Environment = {}): Promise<ProductProcess> {
    await this.store.prepare();
    const api = this.spawn('api', { PORT: await this.port(), ...environment });
    this.url = String((await api.logged(/^API is listening/))['url']);
    api.keepCompiled();
    return api;
  }

  startWorker(environment: Environment = {}): Promise<ProductProcess> {
    return this.startWorkerProcess(environment);
  }

  override endAll(): Promise<void> {
    return this.killAll();
  }
}
