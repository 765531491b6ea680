import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Layout } from '../installed/layouts.ts';
import { eventually } from '../world/eventually.ts';
import { Scrape } from '../world/metrics.ts';
import type { Environment } from '../world/process.ts';

/** A user who owns nothing but the registry's data, as that of the units and of the images. */
export const NOBODY = 10_001;
const FINAL = 78;
const RESTART_AFTER_MS = 500;
const SERVES_WITHIN_MS = 60_000;

type Name = 'api' | 'worker';

interface Finding {
  check: string;
  level: 'ok' | 'note' | 'problem';
  finding: string;
}

export interface RegistryOptions {
  install: Layout;
  environment: Environment;
  /** A library for the processes alone: what has become another user may not use what it made as root. */
  preload: string;
  ports: Readonly<Record<Name | 'http', number>>;
  /** Where the log of the API goes; the worker's goes to a reader. */
  logFile: string;
}

/** A production install's API and worker as an unprivileged user, started again when they end, but not after 78. */
export class SupervisedRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions;
  readonly #members = new Map<Name, ChildProcess>();
  readonly #endings: Record<Name, (number | NodeJS.Signals)[]> = { api: [], worker: [] };
  #environment: Environment;
  #isSupervising = false;
  #lastError = '';

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#environment = options.environment;
  }

  /** With what each process ended, in turn. */
  get endings(): Readonly<Record<Name, readonly (number | NodeJS.Signals)[]>> {
    return this.#endings;
  }

  /** Starts both, with other settings from now on if some are given; waits until they serve. */
  async start(changed: Environment = {}): Promise<void> {
    this.#environment = { ...this.#environment, ...changed };
    this.#isSupervising = true;
    this.#launch('api');
    this.#launch('worker');
    await this.serves();
  }

  async serves(): Promise<void> {
    const isReady = async () => (await fetch(`${this.url}/ready`)).status === 200;
    await eventually(async () => (await isReady()) && this.metric('worker', 'up'), SERVES_WITHIN_MS).catch(
      (cause) => {
        throw new Error(`It does not serve; last said: ${this.#lastError}`, { cause });
      },
    );
  }

  /** Asks both to end. @returns their exit codes. */
  async stop(): Promise<unknown[]> {
    this.#isSupervising = false;
    return Promise.all([...this.#members.values()].map((child) => endOf(child, 'SIGTERM')));
  }

  async kill(...names: readonly Name[]): Promise<void> {
    await Promise.all(names.map((name) => endOf(this.#member(name), 'SIGKILL')));
  }

  /** Waits until both have ended for good, by themselves. */
  async hasGivenUp(): Promise<void> {
    await eventually(() =>
      (['api', 'worker'] as const).every((name) => this.#endings[name].at(-1) === FINAL),
    );
    await Promise.all([...this.#members.values()].map((child) => endOf(child)));
  }

  /** Has nobody read the worker's log, or somebody again. */
  readLog(isRead: boolean): void {
    const { stdout } = this.#member('worker');
    if (isRead) stdout?.resume();
    else stdout?.pause();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.ports.http}`;
  }

  /** A metric of one process, added up over its labels; `up` is 1 when it answers. */
  async metric(name: Name, metric: string): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.#options.ports[name]}/metrics`);
    if (metric === 'up') return answer.status === 200 ? 1 : 0;
    const { samples } = new Scrape(await answer.text());
    return samples.filter((sample) => sample.name === metric).reduce((sum, { value }) => sum + value, 0);
  }

  /** Runs a tool as the user of the processes, with their settings. */
  async tool(words: readonly string[], changed: Environment = {}) {
    const { install } = this.#options;
    const [program = '', ...rest] = this.#asNobody([...install.tool, ...words]);
    const child = spawn(program, rest, {
      cwd: install.directory,
      env: { ...this.#environment, ...changed },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [status] = await ended;
    return { status, stdout, stderr };
  }

  /** The problems that the doctor finds, each with its check in front. */
  async problems(...words: string[]): Promise<string[]> {
    const { stdout, stderr } = await this.tool(['doctor', '--json', ...words]);
    if (stdout === '') throw new Error(stderr);
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings
      .filter(({ level }) => level === 'problem')
      .map(({ check, finding }) => `${check}: ${finding}`);
  }

  #launch(name: Name): void {
    const { install, ports, logFile } = this.#options;
    const log = name === 'api' ? openSync(logFile, 'a') : 'pipe';
    const [program = '', ...rest] = this.#asNobody([install.node, `packages/${name}/src/main.ts`]);
    const child = spawn(program, rest, {
      cwd: install.directory,
      env: { ...this.#environment, PORT: String(ports.http), METRICS_PORT: String(ports[name]) },
      stdio: ['ignore', log, 'pipe'],
    });
    if (typeof log === 'number') closeSync(log);
    child.stdout?.resume();
    child.stderr?.on('data', (text) => {
      this.#lastError = `${name}: ${text}`;
    });
    this.#members.set(name, child);
    child.once('exit', (code, signal) => {
      this.#endings[name].push(signal ?? code ?? FINAL);
      if (this.#isSupervising && code !== FINAL) setTimeout(() => this.#restart(name), RESTART_AFTER_MS);
    });
  }

  #asNobody(words: readonly string[]): string[] {
    const identity = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'];
    const preload = `LD_PRELOAD=${this.#options.preload}`;
    return ['setpriv', ...identity, '--pdeathsig', 'KILL', '--', 'env', preload, ...words];
  }

  #restart(name: Name): void {
    if (this.#isSupervising) this.#launch(name);
  }

  #member(name: Name): ChildProcess {
    const child = this.#members.get(name);
    if (child === undefined) throw new Error(`The ${name} was never started.`);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isSupervising = false;
    await this.kill(...this.#members.keys());
  }
}

async function endOf(child: ChildProcess, signal?: NodeJS.Signals): Promise<unknown> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    if (signal !== undefined) child.kill(signal);
    await ended;
  }
  return child.signalCode ?? child.exitCode;
}
