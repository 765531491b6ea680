import type { Driver } from 'kysely';
import { LOCKS, WRITER } from './advisory-locks.ts';
import { OwnConnection, type PostgresConnection, type Ran } from './connection.ts';
import { CommitInDoubt, ConnectionLost, endsConnection, sqlState } from './errors.ts';
import { raiseLogAfterFailover } from './log-floor.ts';
import type { Servers } from './servers.ts';

/** How long (ms) a transaction waits for the writer's lock, or any other. */
const LOCK_WAIT_MS = 5000;
/** A transaction whose process asks nothing for so long (ms), being stopped or cut off, ends and gives its locks back. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** An answer that takes longer (ms) does not come any more: the server is gone. */
const ANSWER_MS = 30_000;

/** Whether nobody else writes at the same time, as in SQLite, or others that do so, too. */
export type WriterMode = 'alone' | 'beside';

/**
 * Who writes alone may read and then write without a thought of others. The settings are local, since poolers do not pass on
 * others. Who waits for the lock has it before those who come later, in whichever mode.
 */
const begin = (lock: string) => `begin isolation level read committed;
set local lock_timeout = ${LOCK_WAIT_MS}; set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
select ${lock}(${LOCKS}, ${WRITER})`;

const BEGIN: Readonly<Record<WriterMode, string>> = {
  alone: begin('pg_advisory_xact_lock'),
  beside: begin('pg_advisory_xact_lock_shared'),
};

const RECORD = `insert into writers (id, last_commit, seen_at)
values (?, ?, (extract(epoch from clock_timestamp()) * 1000)::bigint)
on conflict (id) do update set last_commit = excluded.last_commit, seen_at = excluded.seen_at`;

/**
 * A connection on which a process writes. Each transaction leaves its number in the connection's row of `writers`,
 * so that a commit whose answer was lost can be asked for.
 */
export class WriterDriver implements Driver {
  readonly #servers: Servers;
  readonly #id: string;
  readonly #mode: WriterMode;
  #own: OwnConnection | undefined;
  #number = 0;
  #last: Promise<unknown> | undefined;

  /** `id` is its own among all that write to the database. */
  constructor(servers: Servers, id: string, mode: WriterMode) {
    this.#servers = servers;
    this.#id = id;
    this.#mode = mode;
  }

  /** Runs a statement on the connection, in the transaction that it has. */
  readonly runNow = (text: string, parameters: readonly unknown[]): Promise<Ran> => {
    if (this.#own === undefined) throw new Error('No transaction has begun.');
    return this.#own.connection.run(text, parameters);
  };

  /** What was sent of the transaction and is not answered yet: its failure is that of the commit. */
  sentLast(sent: Promise<unknown>): void {
    sent.catch(() => undefined);
    this.#last = sent;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    if (!this.#own?.connection.isUsable) {
      this.#drop();
      this.#own = await this.#opened();
    }
    return this.#own.connection;
  }

  async #opened(): Promise<OwnConnection> {
    const own = await OwnConnection.open(this.#servers, ANSWER_MS);
    try {
      await raiseLogAfterFailover(own.connection, () => this.#begin(own.connection, 'alone'));
    } catch (error) {
      own.close();
      throw error;
    }
    return own;
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    if (!connection.isUsable) this.#drop();
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    this.#last = undefined;
    await this.#begin(connection, this.#mode);
  }

  async #begin(connection: PostgresConnection, mode: WriterMode): Promise<void> {
    await connection.command(BEGIN[mode]).catch(async (error: unknown) => {
      // The lock was not to be had: the transaction has begun all the same.
      await this.rollbackTransaction(connection);
      throw error;
    });
  }

  /** @throws CommitInDoubt when the answer was lost; otherwise nothing was done when it throws. */
  async commitTransaction(connection: PostgresConnection): Promise<void> {
    this.#number += 1;
    const [last, recorded, committed] = await Promise.allSettled([
      this.#last,
      connection.run(RECORD, [this.#id, this.#number]),
      connection.command('commit'),
    ]);
    if (committed.status === 'fulfilled' && committed.value === 'COMMIT') return;
    const reason = committed.status === 'rejected' ? committed.reason : undefined;
    if (reason !== undefined && isLost(reason)) {
      throw new CommitInDoubt('The connection was lost while a transaction was being committed', {
        cause: reason,
      });
    }
    // A commit behind a statement that failed answers ROLLBACK, and throws nothing.
    for (const sent of [last, recorded]) if (sent.status === 'rejected') throw sent.reason;
    throw reason ?? new Error('The transaction was rolled back, since a statement in it had failed.');
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    // It will be closed, which rolls back; a server that is gone would be waited for once more.
    if (!connection.isUsable) return;
    await connection.command('rollback').catch(() => undefined);
  }

  /**
   * Whether the transaction whose commit was in doubt is done. It held the writer's lock: whoever has that alone now knows that
   * it has ended. The row is written, and not only read, so that a server which has lost its place to another cannot answer.
   */
  async hasCommitted(): Promise<boolean> {
    const connection = await this.acquireConnection();
    await this.#begin(connection, 'alone');
    try {
      const { rows } = await connection.run('select last_commit from writers where id = ? for update', [
        this.#id,
      ]);
      await connection.command('commit');
      const [row] = rows as { last_commit: number }[];
      return row?.last_commit === this.#number;
    } catch (error) {
      await this.rollbackTransaction(connection);
      throw error;
    } finally {
      await this.releaseConnection(connection);
    }
  }

  async destroy(): Promise<void> {
    await this.#own?.connection.run('delete from writers where id = ?', [this.#id]).catch(() => undefined);
    this.#drop();
  }

  #drop(): void {
    this.#own?.close();
    this.#own = undefined;
  }
}

/** Whether the connection has ended, so that no answer tells what was done. */
function isLost(reason: unknown): boolean {
  return reason instanceof ConnectionLost || endsConnection(reason) || sqlState(reason).startsWith('XX');
}
