import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isFree } from '../is-free.ts';
import { ENVIRONMENT, newCluster, type ServingUser, serverArguments } from './cluster.ts';

/** Takes writes; a replica never says so before it is promoted. */
const READY = /database system is ready to accept connections/;
/** A replica that has what its primary has. */
const STREAMING = /started streaming WAL from primary/;
const LAST_LINES = 30;
const END_WITHIN_MS = 5000;
/** Below those that the system gives away: the server finds its port free when it starts again. */
const [FIRST_PORT, PORTS] = [14_000, 5000] as const;

export interface ServerOptions {
  programs: string;
  user: ServingUser;
  /** Its own. */
  directory: string;
  settings: Readonly<Record<string, string | number>>;
  password: string;
  passwordFile: string;
}

/** A server of PostgreSQL that a keeper keeps: its files, and its process, which may die in several ways. */
export class OneServer {
  readonly #options: ServerOptions;
  readonly #lines: string[] = [];
  #process: ChildProcess | undefined;
  #port = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get #data(): string {
    return join(this.#options.directory, 'data');
  }

  /** Makes an empty server and starts it. */
  async create(): Promise<void> {
    const { programs, directory, user, passwordFile } = this.#options;
    mkdirSync(directory, { recursive: true });
    newCluster(programs, directory, user, passwordFile);
    await this.serve();
  }

  /**
   * Makes it a replica of another, of which it copies everything, and starts it. Resolves when it follows.
   * @throws Error when there is no pg_basebackup.
   */
  async follow(primary: OneServer): Promise<void> {
    const { programs, directory, user, password } = this.#options;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    if (user !== undefined) chownSync(directory, user.uid, user.gid);
    const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'postgres'];
    const how = ['--write-recovery-conf', '--checkpoint=fast', '--no-sync'];
    execFileSync(join(programs, 'pg_basebackup'), ['-D', this.#data, ...from, ...how], {
      ...user,
      cwd: directory,
      env: { ...ENVIRONMENT, PGPASSWORD: password },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await this.serve(STREAMING);
  }

  /** @throws Error with what the server wrote last, when it does not come up. */
  async serve(until: RegExp = READY): Promise<void> {
    const { programs, directory, user, settings } = this.#options;
    this.#port ||= await freePort();
    const started = spawn(
      join(programs, 'postgres'),
      serverArguments(this.#data, { ...settings, port: this.#port }),
      {
        ...user,
        cwd: directory,
        env: ENVIRONMENT,
        // What a terminal sends to all is for the tests: the server ends after them.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#process = started;
    const ready = Promise.withResolvers<void>();
    createInterface(started.stderr).on('line', (line) => {
      this.#lines.push(line);
      this.#lines.splice(0, this.#lines.length - LAST_LINES);
      if (until.test(line)) ready.resolve();
    });
    started.once('exit', () => ready.reject(new Error(`PostgreSQL ended:\n${this.#lines.join('\n')}`)));
    await ready.promise;
  }

  /** Ends the server as a crash would: it recovers when it starts again. */
  async crash(): Promise<void> {
    const ending = this.#process;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = once(ending, 'exit');
    ending.kill('SIGQUIT');
    const late = setTimeout(() => ending.kill('SIGKILL'), END_WITHIN_MS);
    await ended;
    clearTimeout(late);
  }

  /** Stops those of its processes that send its log to replicas: what is written from now on stays here. */
  stopSending(): void {
    for (const pid of this.#processes()) {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('walsender')) process.kill(pid, 'SIGSTOP');
    }
  }

  /** Ends all of its processes at once, as a host that fails would. */
  async die(): Promise<void> {
    const ending = this.#process;
    if (ending?.pid === undefined) return;
    const all = this.#processes();
    const memory = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8')
      .split('\n')[6]
      ?.trim()
      .split(/ +/)[1];
    const ended = once(ending, 'exit');
    for (const pid of [ending.pid, ...all]) kill(pid);
    await ended;
    // Nobody else removes it.
    if (memory !== undefined) execFileSync('ipcrm', ['-m', memory]);
  }

  /** Makes a replica the primary. Resolves when it takes writes. */
  promote(): void {
    const { programs, directory, user } = this.#options;
    execFileSync(join(programs, 'pg_ctl'), ['promote', '-D', this.#data, '--wait'], {
      ...user,
      cwd: directory,
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  #processes(): number[] {
    const pid = this.#process?.pid;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const tried = FIRST_PORT + (randomBytes(2).readUInt16BE() % PORTS);
    if (await isFree(tried)) return tried;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
