import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testStore } from '@mahilo/shared/test/store';
import type { TestStore } from '@mahilo/shared/test/test-store';
import { runToolHere, runToolProcess, type ToolRun } from './admin.ts';
import { AgentDouble, type Behaviour } from './agent-double.ts';
import { Client } from './client.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
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

/** The surroundings of a registry: a directory with its database, settings, people and their agents. */
export abstract class Surroundings implements AsyncDisposable {
  readonly directory: string;
  readonly store: TestStore;
  protected readonly environment: Environment;
  /** Where the sources are, if not here. */
  protected readonly root: string | undefined;
  readonly #isOwnDirectory: boolean;
  readonly #processes: ProductProcess[] = [];
  readonly #agents: AgentDouble[] = [];
  readonly #names = new Map<string, number>();
  #url = '';

  /** `directory` stays when the world ends, if one is given; `root` is where the sources are, if not here. */
  constructor(environment: Environment = {}, place: { directory?: string; root?: string } = {}) {
    this.root = place.root;
    this.#isOwnDirectory = place.directory === undefined;
    this.directory = place.directory ?? mkdtempSync(join(tmpdir(), 'mahilo-test-'));
    this.store = testStore(this.directory);
    this.environment = { ...SETTINGS, DATABASE_URL: this.store.url, ...environment };
  }

  /** The path of the database, for tests of what only SQLite has. */
  get databaseFile(): string {
    return this.store.url;
  }

  /** Ends API and workers. */
  abstract endAll(): Promise<void>;

  /** Starts a process and does not wait for it. */
  spawn(name: 'api' | 'worker', environment: Environment = {}): ProductProcess {
    const started = new ProductProcess(name, { ...this.environment, ...environment }, this.root);
    this.#processes.push(started);
    return started;
  }

  /** Starts a worker as a process of its own, and waits until it delivers. */
  async startWorkerProcess(environment: Environment = {}): Promise<ProductProcess> {
    await this.store.prepare();
    const worker = this.spawn('worker', environment);
    await worker.logged('Worker is delivering');
    worker.keepCompiled();
    return worker;
  }

  /** The errors with a stack that the processes have logged: faults of ours, or of the database. */
  faults(): unknown[] {
    return this.#processes.flatMap((part) => part.log().filter(({ err }) => err !== undefined));
  }

  /** Kills every process at once, as a power cut would. */
  async killAll(): Promise<void> {
    await Promise.all(this.#processes.map((started) => started.kill()));
  }

  get url(): string {
    return this.#url;
  }

  protected set url(url: string) {
    this.#url = url;
  }

  /** The port of the API before, so that clients go on; else a free one. */
  protected async port(): Promise<string> {
    return this.#url === '' ? String(await freePort()) : new URL(this.#url).port;
  }

  /** Runs one of the operator's tools, or another `tool`, with the settings of the processes, inside the test. */
  admin(
    toolArguments: readonly string[],
    environment: Environment = {},
    tool?: Parameters<typeof runToolHere>[2],
  ): Promise<ToolRun> {
    return runToolHere(toolArguments, { ...this.environment, ...environment }, tool);
  }

  /** The same as {@link admin}, as a process of its own, as an operator would. */
  adminProcess(toolArguments: readonly string[], environment: Environment = {}): Promise<ToolRun> {
    return runToolProcess(toolArguments, { ...this.environment, ...environment }, this.root);
  }

  async startAgent(): Promise<AgentDouble> {
    const agent = await new AgentDouble().start();
    this.#agents.push(agent);
    return agent;
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

  /** A new friend of somebody, whose agent behaves like this. */
  async friendOf(
    person: Client,
    name: string,
    behave?: Behaviour,
  ): Promise<{ agent: AgentDouble; friend: Client; connectionId: string }> {
    const agent = await this.startAgent();
    if (behave) agent.behave = behave;
    const friend = await this.newcomer(name);
    const { connection_id: connectionId } = await friend.connect(agent.url);
    await person.befriend(friend);
    return { agent, friend, connectionId };
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
    // In this order no worker waits for an agent's answer.
    await Promise.all(this.#agents.map((agent) => agent.stop()));
    await this.endAll();
    await this.store.drop();
    if (this.#isOwnDirectory) rmSync(this.directory, { recursive: true, force: true });
  }
}
