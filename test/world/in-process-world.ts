import { openApi } from '@mahilo/api/open-api';
import { loadSettings } from '@mahilo/shared/config/load';
import type { Database } from '@mahilo/shared/db/database';
import { createLogger } from '@mahilo/shared/observe/log';
import { createRegistry } from '@mahilo/shared/observe/metrics';
import { waitForNoDisk } from '@mahilo/shared/test/empty-database';
import { openWorker } from '@mahilo/worker/open-worker';
import { readDocument } from './documented.ts';
import { Logging } from './logging.ts';
import type { Environment } from './process.ts';
import { Surroundings } from './surroundings.ts';

/** An API or a worker in this process. */
class Part extends Logging {
  readonly #close: () => Promise<void>;
  #isClosed = false;

  constructor(lines: string[], close: () => Promise<void>) {
    super(lines);
    this.#close = close;
  }

  /** Ends it as SIGTERM would. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#close();
  }

  protected override assertRunning(): void {
    if (this.#isClosed) throw new Error('It was closed.');
  }
}

/**
 * The product inside the test: API and worker on one database, in this process, which takes a tenth of the time
 * of processes. Its parts log where the environment has a LOG_LEVEL. Whether an API survives its end, and what its main
 * program does, needs a {@link World}.
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
    await this.store.make();
    const own = { ...this.environment, ...environment };
    const lines: string[] = [];
    const api = await openApi(loadSettings(own), createRegistry('api'), loggerTo(lines, 'api', own));
    const part = await this.#started(api, lines);
    const url = await api.listen();
    await readDocument(url);
    return { url, part };
  }

  async startWorker(environment: Environment = {}): Promise<Part> {
    await this.store.make();
    const own = { ...this.environment, ...environment };
    const lines: string[] = [];
    const worker = await openWorker(
      loadSettings(own),
      createRegistry('worker'),
      loggerTo(lines, 'worker', own),
    );
    await worker.start();
    return this.#started(worker, lines);
  }

  async #started(opened: { db: Database; close(): Promise<void> }, lines: string[]): Promise<Part> {
    await waitForNoDisk(opened.db);
    const part = new Part(lines, async () => {
      this.#parts.delete(part);
      await opened.close();
    });
    this.#parts.add(part);
    return part;
  }

  override async endAll(): Promise<void> {
    await this.killAll();
    await Promise.all([...this.#parts].map((part) => part.close()));
  }
}

function loggerTo(lines: string[], name: string, { LOG_LEVEL = 'silent' }: Environment) {
  return createLogger(name, LOG_LEVEL, { write: (line) => void lines.push(line.trimEnd()) });
}
