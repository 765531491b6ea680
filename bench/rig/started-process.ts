import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { familyCpuMs } from './processor-time.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KILL_AFTER_MS = 20_000;
const running = new Set<ChildProcess>();

/** No started process may outlive this one. */
export function killAllStarted(): void {
  for (const child of running) child.kill('SIGKILL');
}

export interface StartOptions {
  /** A script of ours to run on this Node, or the path of another program. */
  script?: string;
  program?: string;
  environment?: Readonly<Record<string, string>>;
  arguments?: readonly string[];
  /** The user (uid and gid) that it runs as; by default that of this process. */
  user?: { uid: number; gid: number } | undefined;
  /** The signal that asks it to end; SIGTERM by default. */
  endWith?: NodeJS.Signals;
  /** For Node itself. */
  nodeOptions?: readonly string[];
  /** A file descriptor for its output; by default nowhere, so that nobody has to read it. */
  stdout?: number;
  /** Opens a channel for messages. */
  ipc?: boolean;
}

/** A child process: one of the product's, or one of a peer or baseline. */
export class StartedProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #endWith: NodeJS.Signals;
  readonly #ended: Promise<unknown>;
  #errors = '';

  constructor(options: StartOptions) {
    const { script, program, environment = {}, arguments: given = [], nodeOptions = [] } = options;
    const { stdout, ipc = false, user } = options;
    this.#endWith = options.endWith ?? 'SIGTERM';
    const before = script === undefined ? [] : [...nodeOptions, script];
    this.child = spawn(program ?? process.execPath, [...before, ...given], {
      cwd: ROOT,
      env: { ...environment },
      stdio: ['ignore', stdout ?? 'ignore', 'pipe', ...(ipc ? ['ipc' as const] : [])],
      ...user,
    });
    running.add(this.child);
    this.child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#ended = new Promise((resolve) => this.child.once('close', resolve)).then(() =>
      running.delete(this.child),
    );
    this.child.stderr?.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-4000);
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The process could not be started.');
    return this.child.pid;
  }

  /** @throws Error with what it wrote to standard error, if it has ended. */
  assertRuns(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) return;
    throw new Error(`${this.child.spawnargs.slice(1).join(' ')} has ended: ${this.#errors}`);
  }

  /** Its next message. */
  async message(): Promise<unknown> {
    const gone = new AbortController();
    try {
      const [message] = await Promise.race([
        once(this.child, 'message', { signal: gone.signal }),
        this.#ended.then(() => {
          this.assertRuns();
          return [];
        }),
      ]);
      return message;
    } finally {
      gone.abort();
    }
  }

  /** Sends a message and waits for the next one. */
  async ask(question: object): Promise<unknown> {
    this.assertRuns();
    const answer = this.message();
    this.child.send(question);
    return answer;
  }

  /** Processor time (ms) so far of all its threads and of the processes that it started. */
  cpuMs(): number {
    return familyCpuMs(this.pid);
  }

  /** Resident memory (MiB). */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end, and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(this.#endWith);
    const killing = setTimeout(() => this.child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.#ended;
    clearTimeout(killing);
  }
}
