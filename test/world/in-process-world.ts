import { existsSync, writeFileSync } from 'node:fs';
import { openApi } from '@mahilo/api/open-api';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import { createLogger } from '@mahilo/shared/observe/log';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { emptyDatabase, waitForNoDisk } from '@mahilo/shared/test/open-database';
import { openWorker } from '@mahilo/worker/open-worker';
import { readDocument } from './documented.ts';
import type { Environment } from './process.ts';
import { Surroundings } from './surroundings.ts';

const silent = createLogger('test', 'silent');

/** An API or a worker in this process. */
interface Part {
  /** Ends it as SIGTERM would. */
  close(): Promise<void>;
}

/**
 * The product inside the test: API and worker on one database file, in this process, which takes a tenth of the time
 * of processes. For tests of what the product answers and delivers; whether an API survives its end, and what it logs,
 * needs a {@link World}.
 */
export class InProcessWorld extends Surroundings {
  readonly #parts = new Set<Part>();

  /** An API and a worker, ready to be used. */
  static async start(environment: Environment = {}): Promise<InProcessWorld> {
    const world = new InProcessWorld(environment);
    await world.startApi();
    await world.startWorker();
    return world;
  }

  /** Starts an API, on the port of the one before it: clients go on where they were. */
  async startApi(environment: Environment = {}): Promise<Part> {
    const { url, part } = await this.#startApi({ PORT: await this.port(), ...environment });
    this.url = url;
    return part;
  }

  /** Starts another API on the same database. @returns its URL. */
  async startOtherApi(): Promise<string> {
    return (await this.#startApi({ PORT: '0' })).url;
  }

  async #startApi(environment: Environment): Promise<{ url: string; part: Part }> {
    await this.#makeDatabase();
    const settings = loadSettings({ ...this.environment, ...environment });
    const api = await openApi(settings, createRegistry('api'), silent);
    const part = await this.#started(api);
    const url = await api.listen();
    await readDocument(url);
    return { url, part };
  }

  async startWorker(environment: Environment = {}): Promise<Part> {
    await this.#makeDatabase();
    const settings = loadSettings({ ...this.environment, ...environment });
    const worker = await openWorker(settings, createRegistry('worker'), silent);
    await worker.start();
    return this.#started(worker);
  }

  async #makeDatabase(): Promise<void> {
    if (!existsSync(this.databaseFile)) writeFileSync(this.databaseFile, await emptyDatabase());
  }

  async #started(part: Part & { db: Database }): Promise<Part> {
    await waitForNoDisk(part.db);
    const started = {
      close: async () => {
        if (this.#parts.delete(started)) await part.close();
      },
    };
    this.#parts.add(started);
    return started;
  }

  override async endAll(): Promise<void> {
    await this.killAll();
    await Promise.all([...this.#parts].map((part) => part.close()));
  }
}
