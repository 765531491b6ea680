import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectTo } from './databases.ts';
import { postgresPrograms } from './programs.ts';

/**
 * What the keeper is asked: to end the server as a crash would, and start it again after so long (ms); or to let the primary die
 * after its replica has been behind for so long (ms), to promote that one, and to make the dead one its replica.
 */
export type ToKeeper = { downMs: number } | { behindMs: number };

export type FromKeeper = { hosts: string[]; password: string } | { isDone: true } | { error: string };

/** Whether a commit waits for the replica, so that nothing is lost with the primary. */
export type Replica = 'synchronous' | 'asynchronous';

/** Who uses the databases of tests: like the user of an installation it may do nothing but make databases. */
const ROLE = 'mahilo';

/** How long (ms) a server takes to recover from a crash at most, and how often to look. */
const RECOVER_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** A PostgreSQL server for tests, or one with a replica. It is gone with this process, however that ends. */
export class PostgresServer implements AsyncDisposable {
  readonly #keeper;
  /** Names a database that is always there, and a user who may make others; with a replica it has both hosts. */
  url = '';

  private constructor(replica: Replica | undefined) {
    const keeper = fileURLToPath(new URL('keeper.ts', import.meta.url));
    this.#keeper = fork(keeper, [postgresPrograms(), ...(replica === undefined ? [] : [replica])]);
  }

  /** @throws Error when there is no PostgreSQL, or it does not start. */
  static async start(replica?: Replica): Promise<PostgresServer> {
    const started = new PostgresServer(replica);
    const answer = await started.#answer();
    if ('hosts' in answer) started.url = await withRole(answer.hosts, answer.password);
    // The server keeps nobody waiting who has nothing else to do.
    started.#keeper.unref();
    started.#keeper.channel?.unref();
    return started;
  }

  /** Ends the server as a crash would, and starts it again after so long (ms). Resolves when it answers. */
  async crash(downMs = 0): Promise<void> {
    await this.#ask({ downMs });
  }

  /**
   * The primary dies, after nothing of what it wrote for so long (ms) has reached the replica, which is promoted.
   * Resolves when the dead one follows as a replica.
   */
  async failOver(behindMs: number): Promise<void> {
    await this.#ask({ behindMs });
  }

  async #ask(question: ToKeeper): Promise<void> {
    this.#keeper.channel?.ref();
    this.#keeper.send(question);
    await this.#answer();
    this.#keeper.channel?.unref();
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

/** @returns the URL for the role of the tests. */
async function withRole(hosts: readonly string[], password: string): Promise<string> {
  const urlOf = (user: string) => `postgres://${user}:${password}@${hosts.join(',')}/postgres`;
  const client = await connectTo(urlOf('postgres'));
  await client.query(`create role ${ROLE} login createdb password '${password}'`);
  await client.end();
  return urlOf(ROLE);
}
