import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToolHere, runToolProcess, type ToolRun } from './admin.ts';
import { AgentDouble } from './agent-double.ts';
import { Client } from './client.ts';
import { eventually } from './eventually.ts';
import { type Environment, ProductProcess } from './process.ts';

const SETTINGS: Environment = {
  NODE_ENV: 'development',
  SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
  HOST: '127.0.0.1',
  PORT: '0',
  RATE_LIMIT: '1000000',
  RETRY_BASE_MS: '50',
  RETRY_FACTOR: '1.5',
  BREAKER_MAX_MS: '200',
  UNPROVEN_PER_MINUTE: '1000000',
};

/** The product in a place of its own: a directory with a database, processes that share it, and agents around it. */
export class World implements AsyncDisposable {
  readonly directory: string;
  readonly databaseFile: string;
  readonly #isOwnDirectory: boolean;
  readonly #root: string | undefined;
  readonly #environment: Environment;
  readonly #processes: ProductProcess[] = [];
  readonly #agents: AgentDouble[] = [];
  readonly #names = new Map<string, number>();
  #url = '';

  /** `directory` stays when the world ends, if one is given; `root` is where the sources are, if not here. */
  constructor(environment: Environment = {}, place: { directory?: string; root?: string } = {}) {
    this.#isOwnDirectory = place.directory === undefined;
    this.directory = place.directory ?? mkdtempSync(join(tmpdir(), 'mahilo-test-'));
    this.databaseFile = join(this.directory, 'mahilo.db');
    this.#root = place.root;
    this.#environment = { ...SETTINGS, DATABASE_URL: this.databaseFile, ...environment };
  }

  /** An API and a worker, ready to be used. */
  static async start(environment: Environment = {}): Promise<World> {
    const world = new World(environment);
    await world.startApi();
    await world.startWorker();
    return world;
  }

  /** Starts an API, on the port of the one before it: clients go on where they were. */
  async startApi(environment: Environment = {}): Promise<ProductProcess> {
    const port = this.#url === '' ? '0' : new URL(this.#url).port;
    const api = this.spawn('api', { PORT: port, ...environment });
    this.#url = String((await api.logged(/^API is listening/))['url']);
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
    const started = new ProductProcess(name, { ...this.#environment, ...environment }, this.#root);
    this.#processes.push(started);
    return started;
  }

  /** Runs one of the operator's tools with the settings of the processes, inside the test. */
  admin(toolArguments: readonly string[], environment: Environment = {}): Promise<ToolRun> {
    return runToolHere(toolArguments, { ...this.#environment, ...environment });
  }

  /** The same as a process of its own, as an operator would. */
  adminProcess(toolArguments: readonly string[], environment: Environment = {}): Promise<ToolRun> {
    return runToolProcess(toolArguments, { ...this.#environment, ...environment }, this.#root);
  }

  async startAgent(): Promise<AgentDouble> {
    const agent = await new AgentDouble().start();
    this.#agents.push(agent);
    return agent;
  }

  /** Kills every process at once, as a power cut would. */
  async killAll(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.kill()));
  }

  get url(): string {
    return this.#url;
  }

  /** Nobody in particular. */
  get nobody(): Client {
    return new Client(() => this.#url);
  }

  /** Registers somebody of this name; in a world that several tests share, the next one is `ann-2`. */
  async newcomer(name: string): Promise<Client> {
    const n = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, n);
    return this.nobody.register(n === 1 ? name : `${name}-${n}`);
  }

  /** Two friends, the second with an agent connected: what most tests begin with. */
  async twoFriends(
    agent: AgentDouble,
  ): Promise<{ ann: Client; ben: Client; connectionId: string; secret: string }> {
    const ann = await this.newcomer('ann');
    const ben = await this.newcomer('ben');
    const { connection_id: connectionId, callback_secret: secret } = await ben.connect(agent.url);
    await ann.befriend(ben);
    return { ann, ben, connectionId, secret };
  }

  /** Lets somebody's agent take a first message: until then its URL is unproven, and gets one callback at a time. */
  async prove(sender: Client, recipient: Client): Promise<void> {
    const { message_id } = await sender.send(recipient, 'Are you there?');
    await eventually(async () => {
      const { status } = await sender.ok('GET', `/messages/${message_id}`);
      return status === 'delivered';
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killAll();
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    if (this.#isOwnDirectory) rmSync(this.directory, { recursive: true, force: true });
  }
}
