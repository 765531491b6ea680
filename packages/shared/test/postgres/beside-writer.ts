import { setTimeout as pause } from 'node:timers/promises';
import { Kysely } from 'kysely';
import type { Lockable, RowLocks } from '../../src/db/beside.ts';
import { PostgresQueueDialect } from '../../src/db/postgres/dialect.ts';
import { PostgresRowLocks } from '../../src/db/postgres/row-locks.ts';
import { Servers } from '../../src/db/postgres/servers.ts';
import { PostgresTransactions } from '../../src/db/postgres/transactions.ts';
import { WriterDriver } from '../../src/db/postgres/writer.ts';
import type { Schema } from '../../src/db/schema.ts';
import { GroupCommit, type Work } from '../../src/db/write.ts';
import type { TestStore } from '../test-store.ts';
import { connectTo } from './databases.ts';

/** What a transaction that runs beside others guards itself with. */
export type Guard = Lockable | 'turn';

/** A guard that is left out: then the race that it is for must be lost, or a test of it would show nothing. */
function without(guard: Guard | undefined, locks: PostgresRowLocks): RowLocks {
  return {
    lock: async (what, names) => (what === guard ? undefined : locks.lock(what, names)),
    tryLanes: async (names) => (guard === 'lanes' ? names : locks.tryLanes(names)),
    takeTurn: async () => (guard === 'turn' ? undefined : locks.takeTurn()),
    sentLast: (sent) => locks.sentLast(sent),
  };
}

/** A process that writes beside others, with all its guards or without one. Its commits can be held up. */
export class BesideWriter implements AsyncDisposable {
  readonly #store: TestStore;
  readonly #id: string;
  readonly #kysely: Kysely<Schema>;
  readonly #groupCommit: GroupCommit;

  constructor(store: TestStore, id: string, leftOut?: Guard) {
    this.#store = store;
    this.#id = id;
    const driver = new WriterDriver(new Servers(store.url), id, 'beside');
    this.#kysely = new Kysely<Schema>({ dialect: new PostgresQueueDialect(driver) });
    const locks = without(leftOut, new PostgresRowLocks(driver));
    const transactions = new PostgresTransactions(this.#kysely, driver, locks);
    this.#groupCommit = new GroupCommit(transactions, () => undefined);
  }

  write<T>(work: Work<T>): Promise<T> {
    return this.#groupCommit.write(work);
  }

  /** Runs a work up to its commit, which waits until the function that this answers is called. */
  async begun<T>(work: Work<T>): Promise<() => Promise<T>> {
    const holder = await connectTo(this.#store.url);
    await holder.query('insert into writers values ($1, 0, 0) on conflict do nothing', [this.#id]);
    await holder.query('begin');
    await holder.query('select 1 from writers where id = $1 for update', [this.#id]);
    const written = this.write(work);
    await waiting(this.#store, 1);
    return async () => {
      await holder.query('commit');
      await holder.end();
      return written;
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#groupCommit.idle();
    await this.#kysely.destroy();
  }
}

/** Resolves when so many transactions wait for locks, or `until` has an outcome. */
export async function waiting(store: TestStore, count: number, until?: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  until?.then(over, over);
  while (!isOver) {
    const [found] = await store.query<{ n: number }>(
      `select count(*)::bigint as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if ((found?.n ?? 0) >= count) return;
    await pause(5);
  }
}
