import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectTo } from './databases.ts';
import { postgresPrograms } from './programs.ts';

/** What the keeper is asked: to end the server as a crash would, and start it again after so long (ms). */
export interface ToKeeper {
  downMs: number;
}

export type FromKeeper = { url: string } | { isBack: true } | { error: string };

/** Who uses the databases of tests: like the user of an installation it may do nothing but make databases. */
const ROLE = 'mahilo';

/** How long (ms) a server takes to recover from a crash at most, and how often to look. */
const RECOVER_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** A PostgreSQL server for tests. It is gone with this process, however that ends. */
export class PostgresServer implements AsyncDisposable {
  readonly #keeper;
  /** Names a database that is always there, and a user who may make others. */
  url = '';

  private constructor() {
    const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url));
    this.#keeper = fork(keeper, [postgresPrograms()]);
  }

  /** @throws Error when there is no PostgreSQL, or it does not start. */
  static async start(): Promise<PostgresServer> {
    const started = new PostgresServer();
    const answer = await started.#answer();
    if ('url' in answer) started.url = await withRole(answer.url);
    // The server keeps nobody waiting who has nothing else to do.
    started.#keeper.unref();
    started.#keeper.channel?.unref();
    return started;
  }

  /** Ends the server as a crash would, and starts it again after so long (ms). Resolves when it answers. */
  async crash(downMs = 0): Promise<void> {
    const question: ToKeeper = { downMs };
    this.#keeper.send(question);
    await this.#answer();
  }

  /** Resolves when the server takes connections, which it does not while it recovers. */
  async isBack(): Promise<void> {
    const deadline = performance.now() + RECOVER_MS;
    for (;;) {
      try {
        await (await connectTo(this.url)).end();
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await pause(LOOK_EVERY_MS);
      }
    }
  }

  async #answer(): Promise<FromKeeper> {
    const exited = once(this.#keeper, 'exit').then(() => ({ error: 'The keeper of the server has ended.' }));
    const answered = once(this.#keeper, 'message').then(([answer]): FromKeeper => answer);
    const answer = await Promise.race([answered, exited]);
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#keeper;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#keeper, 'exit');
    this.#keeper.ref();
    this.#keeper.disconnect();
    await exited;
  }
}

/** @returns the URL for the role of the tests, given that of the superuser. */
async function withRole(url: string): Promise<string> {
  const client = await connectTo(url);
  const { password } = new URL(url);
  await client.query(`create role ${ROLE} login createdb password '${password}'`);
  await client.end();
  return Object.assign(new URL(url), { username: ROLE }).href;
}
