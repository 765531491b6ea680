import { Client } from '../../test/world/client.ts';
import { nodeEnvironment } from './as-shipped.ts';
import type { BenchDatabase } from './database.ts';
import type { Lab } from './lab.ts';
import { freePort, healthy } from './port.ts';
import { StartedProcess, type StartOptions } from './started-process.ts';

/** As in production, except for limits that a benchmark has to exceed and receivers on this machine. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  SECRET_KEY: 'a-secret-key-for-the-benchmark-long-enough',
  HOST: '127.0.0.1',
  RATE_LIMIT: '1000000',
  OWED_PER_USER: '1000000000',
  STORED_BYTES_PER_USER: '1000000000000',
  ALLOW_PRIVATE_IPS: 'true',
} as const;

export type Settings = Readonly<Record<string, string>>;

/** The product's real processes on one database. */
export class Product implements AsyncDisposable {
  readonly database: BenchDatabase;
  readonly #stack = new AsyncDisposableStack();
  readonly #settings: Settings;
  readonly #profiles: string | undefined;
  #started = 0;
  #port = 0;

  /** `settings` are environment variables for all processes. */
  constructor(lab: Lab, settings: Settings = {}, database: BenchDatabase = lab.database()) {
    this.database = database;
    this.#profiles = lab.profiles;
    this.#settings = { ...ENVIRONMENT, ...nodeEnvironment(lab), DATABASE_URL: database.url, ...settings };
  }

  /** Port of the API. */
  get port(): number {
    return this.#port;
  }

  get nobody(): Client {
    return new Client(() => `http://127.0.0.1:${this.#port}`);
  }

  /** Starts an API, on the port of the one before it. */
  async startApi(settings: Settings = {}): Promise<StartedProcess> {
    if (this.#port === 0) this.#port = await freePort();
    return this.#startApiOn(this.#port, settings);
  }

  /** Starts another API beside it. */
  async startOtherApi(): Promise<{ port: number; api: StartedProcess }> {
    const port = await freePort();
    return { port, api: await this.#startApiOn(port, {}) };
  }

  async #startApiOn(port: number, settings: Settings): Promise<StartedProcess> {
    await this.database.make();
    const api = this.#start('api', { PORT: String(port), ...settings });
    await healthy(api, port);
    return api;
  }

  /** Starts a worker and does not wait for it. */
  startWorker(
    settings: Settings = {},
    options: Pick<StartOptions, 'stdout' | 'nodeOptions'> = {},
  ): StartedProcess {
    return this.#start('worker', settings, options);
  }

  #start(
    name: 'api' | 'worker',
    settings: Settings,
    options: Pick<StartOptions, 'stdout' | 'nodeOptions'> = {},
  ) {
    return this.#stack.use(
      new StartedProcess({
        script: `packages/${name}/src/main.ts`,
        environment: { ...this.#settings, ...settings },
        ...options,
        nodeOptions: [...(options.nodeOptions ?? []), ...this.#profiling(name)],
      }),
    );
  }

  #profiling(name: string): string[] {
    if (this.#profiles === undefined) return [];
    this.#started += 1;
    const file = `${name}-${process.pid}-${this.#started}.cpuprofile`;
    return ['--cpu-prof', `--cpu-prof-dir=${this.#profiles}`, `--cpu-prof-name=${file}`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
