import type { Kysely, Transaction } from 'kysely';
import pRetry from 'p-retry';
import type { RunNow } from './dialect.ts';
import { skipForgottenIds } from './event-ids.ts';

/** How long (ms) a write waits for a lock that another process holds. */
const LOCK_WAIT_MS = 5000;
/**
 * Constant and small: SQLite gives the lock to the process that asks at the right moment, so asking often is fair.
 */
const LOCK_RETRY_MS = 5;

/** What the transactions of a file need to know of it. */
interface Surroundings {
  /** Runs a statement on the one connection. */
  runNow: RunNow;
  /** Whether another connection holds the lock. */
  isBusy(error: unknown): boolean;
  /** @throws unless the file is still the database. */
  assertInPlace(): void;
}

/** The write transactions of a process on a file, one after another. */
export class SqliteTransactions<DB> {
  readonly maxGroup = 256;
  readonly #db: Kysely<DB>;
  readonly #here: Surroundings;
  #hasCommitted = false;

  /** `db` has the one connection. */
  constructor(db: Kysely<DB>, surroundings: Surroundings) {
    this.#db = db;
    this.#here = surroundings;
  }

  /** Runs a work in a write transaction, and again while another process holds the lock. @throws what either throws. */
  async run<T>(work: (trx: Transaction<DB>, runNow: RunNow) => Promise<T>): Promise<T> {
    const { runNow, assertInPlace, isBusy } = this.#here;
    const result = await pRetry(
      () =>
        this.#db.transaction().execute(async (trx) => {
          if (!this.#hasCommitted) skipForgottenIds(runNow);
          const value = await work(trx, runNow);
          assertInPlace();
          return value;
        }),
      {
        retries: Math.ceil(LOCK_WAIT_MS / LOCK_RETRY_MS),
        minTimeout: LOCK_RETRY_MS,
        factor: 1,
        maxRetryTime: LOCK_WAIT_MS,
        shouldRetry: ({ error }) => isBusy(error),
      },
    );
    // The file must also still be in place after the fsync: what is answered is in the file that has the name.
    assertInPlace();
    this.#hasCommitted = true;
    return result;
  }
}
