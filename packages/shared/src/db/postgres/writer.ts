import type { Driver } from 'kysely';
import { OwnConnection, type PostgresConnection, type Ran } from './connection.ts';
import { CommitInDoubt, ConnectionLost, endsConnection, sqlState } from './errors.ts';
import { raiseLogAfterFailover } from './log-floor.ts';
import type { Servers } from './servers.ts';

/** "Mahl" in ASCII: names our locks among those of others in the database. */
const LOCKS = 0x4d61686c;
const WRITER = 1;
/** How long (ms) a transaction waits for the writer's lock, or any other. */
const LOCK_WAIT_MS = 5000;
/** A transaction whose process asks nothing for so long (ms), being stopped or cut off, ends and gives its locks back. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** An answer that takes longer (ms) does not come any more: the server is gone. */
const ANSWER_MS = 30_000;

/**
 * One transaction writes at a time, as in SQLite, so that works may read and then write without a thought of others; and
 * the ids of events are in the order of their commits. The settings are local, since poolers do not pass on others.
 */
const BEGIN = `begin isolation level read committed;
set local lock_timeout = ${LOCK_WAIT_MS}; set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
select pg_advisory_xact_lock(${LOCKS}, ${WRITER})`;

const RECORD = `insert into writers (id, last_commit, seen_at)
values (?, ?, (extract(epoch from clock_timestamp()) * 1000)::bigint)
on conflict (id) do update set last_commit = excluded.last_commit, seen_at = excluded.seen_at`;

/**
 * The one connection on which a process writes. Each transaction leaves its number in the process's row of `writers`, so
 * that a commit whose answer was lost can be asked for.
 */
export class WriterDriver implements Driver {
  readonly #servers: Servers;
  readonly #id: string;
  #own: OwnConnection | undefined;
  #number = 0;

  /** `id` is this process's own among all that write to the database. */
  constructor(servers: Servers, id: string) {
    this.#servers = servers;
    this.#id = id;
  }

  /** Runs a statement on the connection, in the transaction that it has. */
  readonly runNow = (text: string, parameters: readonly unknown[]): Promise<Ran> => {
    if (this.#own === undefined) throw new Error('No transaction has begun.');
    return this.#own.connection.run(text, parameters);
  };

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
      await raiseLogAfterFailover(own.connection, () => this.beginTransaction(own.connection));
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
    await connection.command(BEGIN).catch(async (error: unknown) => {
      // The lock was not to be had: the transaction has begun all the same.
      await this.rollbackTransaction(connection);
      throw error;
    });
  }

  /** @throws CommitInDoubt when the answer was lost; otherwise nothing was done when it throws. */
  async commitTransaction(connection: PostgresConnection): Promise<void> {
    this.#number += 1;
    const [recorded, committed] = await Promise.allSettled([
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
    throw recorded.status === 'rejected'
      ? recorded.reason
      : (reason ?? new Error('The transaction was rolled back, since a statement in it had failed.'));
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    // It will be closed, which rolls back; a server that is gone would be waited for once more.
    if (!connection.isUsable) return;
    await connection.command('rollback').catch(() => undefined);
  }

  /**
   * Whether the transaction whose commit was in doubt is done. It held the writer's lock: whoever has that now knows that it
   * has ended. The row is written, and not only read, so that a server which has lost its place to another cannot answer.
   */
  async hasCommitted(): Promise<boolean> {
    const connection = await this.acquireConnection();
    await this.beginTransaction(connection);
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
