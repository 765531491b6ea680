import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DemoError } from './demo-error.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Ends a process even when this one was killed. */
const STOP_WITH_PARENT = new URL('../process/stop-with-parent.ts', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3000;
/** How long (ms) a killed worker keeps what it was delivering. */
export const LEASE_MS = 2000;

/** Short, so that the whole story takes seconds; see docs/settings.md for the values of a real registry. */
const SETTINGS: Readonly<Record<string, string>> = {
  NODE_ENV: 'development',
  HOST: '127.0.0.1',
  PORT: '0',
  RATE_LIMIT: '100000',
  MAX_RETRIES: '12',
  RETRY_BASE_MS: '400',
  RETRY_FACTOR: '2',
  RETRY_MAX_MS: '1500',
  BREAKER_MAX_MS: '1000',
  LEASE_MS: String(LEASE_MS),
  SHUTDOWN_TIMEOUT_MS: '2000',
};

/** A process of the registry that is up. */
export interface Running {
  pid: number;
  /** Ends it as a power cut would: `kill -9`. */
  kill(): Promise<void>;
}

/** A registry of its own: an API and a worker as an operator would start them, on a database that goes with them. */
export class Registry {
  readonly #directory: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #children = new Set<ChildProcess>();
  readonly #died = Promise.withResolvers<never>();
  #url = '';

  constructor() {
    this.#directory = makeDirectory();
    const { NODE_COMPILE_CACHE } = process.env;
    this.#environment = {
      ...SETTINGS,
      ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
      PATH: process.env['PATH'] ?? '',
      SECRET_KEY: randomBytes(32).toString('base64'),
      DATABASE_URL: join(this.#directory, 'mahilo.db'),
    };
    this.#died.promise.catch(() => undefined);
  }

  get url(): string {
    return this.#url;
  }

  /** Rejects when a process ends unexpectedly. */
  get died(): Promise<never> {
    return this.#died.promise;
  }

  async startApi(): Promise<Running> {
    const { child, line } = await this.#start('api', 'API is listening on');
    this.#url = String(line['url']);
    return this.#running(child);
  }

  async startWorker(): Promise<Running> {
    const { child } = await this.#start('worker', 'Worker is delivering');
    return this.#running(child);
  }

  /** Stops everything gracefully, and removes the database. */
  async stop(): Promise<void> {
    const children = [...this.#children];
    this.#children.clear();
    for (const child of children) child.kill('SIGTERM');
    const ended = Promise.all(children.map(ending));
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    for (const child of children) child.kill('SIGKILL');
    await ended;
    this.destroy();
  }

  /** The same at once, for the very end of this process. */
  destroy(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#children.clear();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #running(child: ChildProcess): Running {
    return {
      pid: child.pid ?? 0,
      kill: async () => {
        this.#children.delete(child);
        child.kill('SIGKILL');
        await ending(child);
      },
    };
  }

  async #start(
    name: 'api' | 'worker',
    readyMessage: string,
  ): Promise<{ child: ChildProcess; line: LogLine }> {
    const child = spawn(process.execPath, ['--import', STOP_WITH_PARENT, `packages/${name}/src/main.ts`], {
      cwd: ROOT,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#children.add(child);
    const complaints: string[] = [];
    const ready = Promise.withResolvers<LogLine>();
    eachLine(child.stdout, (text) => {
      const line = parseLine(text);
      if (line.msg.startsWith(readyMessage)) ready.resolve(line);
      if (line.level >= ERROR_LEVEL) complaints.push(line.msg);
    });
    eachLine(child.stderr, (text) => complaints.push(text));
    const fail = (reason: string) => {
      const error = new DemoError([`The ${name} process ${reason}.`, ...essence(complaints)].join('\n  '));
      ready.reject(error);
      if (this.#children.has(child)) this.#died.reject(error);
    };
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
    const timer = setTimeout(() => fail(`was not up after ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    const line = await ready.promise.finally(() => clearTimeout(timer));
    return { child, line };
  }
}

const ERROR_LEVEL = 50;

interface LogLine extends Readonly<Record<string, unknown>> {
  level: number;
  msg: string;
}

/** The important part of a process's error output: what was thrown, or the last lines. */
function essence(complaints: readonly string[]): readonly string[] {
  const thrown = complaints.find((line) => /^\w*Error\b/.test(line));
  return thrown === undefined ? complaints.slice(-3) : [thrown];
}

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream !== null) createInterface(stream).on('line', take);
}

function parseLine(text: string): LogLine {
  const fields = text.startsWith('{') ? JSON.parse(text) : {};
  return { ...fields, level: Number(fields.level ?? 0), msg: String(fields.msg ?? text) };
}

async function ending(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function makeDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'mahilo-demo-'));
  } catch (cause) {
    throw new DemoError(`No temporary directory can be made in ${tmpdir()}.`, { cause });
  }
}
