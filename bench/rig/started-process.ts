import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KILL_AFTER_MS = 20_000;
/** Kernel ticks in `/proc/<pid>/stat`; 100 on every Linux that Node runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** Where utime and stime stand in `/proc/<pid>/stat`, counted behind the closing bracket of the name (proc(5)). */
const UTIME_FIELD = 11;

const running = new Set<ChildProcess>();

/** For the end of this process: none of the others may outlive it. */
export function killAllStarted(): void {
  for (const child of running) child.kill('SIGKILL');
}

export interface StartOptions {
  script: string;
  environment?: Readonly<Record<string, string>>;
  arguments?: readonly string[];
  /** For Node itself. */
  nodeOptions?: readonly string[];
  /** A file descriptor for what it writes; by default that goes nowhere, so that nobody has to read it. */
  stdout?: number;
  /** Opens a channel for messages. */
  ipc?: boolean;
}

/** A process of its own: one of the product's, or one that it is measured against. */
export class StartedProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #errors = '';

  constructor({
    script,
    environment = {},
    arguments: given = [],
    nodeOptions = [],
    stdout,
    ipc = false,
  }: StartOptions) {
    this.child = spawn(process.execPath, [...nodeOptions, script, ...given], {
      cwd: ROOT,
      env: { ...environment },
      stdio: ['ignore', stdout ?? 'ignore', 'pipe', ...(ipc ? ['ipc' as const] : [])],
    });
    running.add(this.child);
    this.#ended = once(this.child, 'close').then(() => running.delete(this.child));
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

  /** Processor time used so far, by all its threads (ms). */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[UTIME_FIELD]) + Number(fields[UTIME_FIELD + 1]);
    return (ticks * 1000) / TICKS_PER_SECOND;
  }

  /** Resident memory (MiB). */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** Asks it to end, and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const killing = setTimeout(() => this.child.kill('SIGKILL'), KILL_AFTER_MS);
    await this.#ended;
    clearTimeout(killing);
  }
}
