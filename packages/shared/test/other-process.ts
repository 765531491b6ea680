import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import type { Database } from '../src/db/database.ts';
import { openSqlite } from '../src/db/open-sqlite.ts';
import { CommitNotifier } from '../src/db/sqlite/commit-notifier.ts';

type Command = 'open' | 'lock' | 'unlock' | 'commit';
type Answer = { done: Command } | { ready: true } | { error: string };

/** Another process on the same database file, under control of the test. */
export class OtherProcess implements AsyncDisposable {
  readonly #child;

  private constructor(file: string) {
    this.#child = fork(fileURLToPath(import.meta.url), [file]);
  }

  /** Starts one, which does not touch the file yet. */
  static async start(file: string): Promise<OtherProcess> {
    const other = new OtherProcess(file);
    await other.#answer();
    return other;
  }

  /** Opens the file as the product does: creates and migrates it if needed. */
  open(): Promise<void> {
    return this.#do('open');
  }

  /** Takes the write lock, and keeps it until `unlock`. */
  lock(): Promise<void> {
    return this.#do('lock');
  }

  unlock(): Promise<void> {
    return this.#do('unlock');
  }

  /** Commits a change of one row. */
  commit(): Promise<void> {
    return this.#do('commit');
  }

  /** Kills it without warning. */
  async kill(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  async #do(command: Command): Promise<void> {
    this.#child.send(command);
    await this.#answer();
  }

  async #answer(): Promise<void> {
    const exit = new AbortController();
    const exited = once(this.#child, 'exit', { signal: exit.signal }).then(
      ([code]) => ({ error: `The other process ended with exit code ${code}.` }),
      () => ({ error: 'answered' }),
    );
    const answered = once(this.#child, 'message').then(([answer]): Answer => answer);
    const answer = await Promise.race([answered, exited]);
    exit.abort();
    if ('error' in answer) throw new Error(answer.error);
  }
}

/** The main function of the other process. */
function obey(file: string): void {
  let opened: Database | undefined;
  let raw: BetterSqlite3.Database | undefined;
  const sqlite = () => {
    raw ??= new BetterSqlite3(file);
    return raw;
  };
  const commands: Readonly<Record<Command, () => unknown>> = {
    open: async () => {
      opened = await openSqlite(file);
    },
    lock: () => sqlite().exec('begin immediate'),
    unlock: () => sqlite().exec('rollback'),
    commit() {
      sqlite().exec('update users set display_name = hex(randomblob(8))');
      using notifier = new CommitNotifier(file);
      notifier.notify();
    },
  };
  const answer = (given: Answer) => process.send?.(given);
  process.on('message', async (command: Command) => {
    try {
      await commands[command]();
      answer({ done: command });
    } catch (error) {
      answer({ error: String(error) });
    }
  });
  process.on('disconnect', async () => {
    raw?.close();
    await opened?.close();
  });
  answer({ ready: true });
}

const [, started = '', file = ''] = process.argv;
if (started === fileURLToPath(import.meta.url)) obey(file);
