import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { systemClock } from '../../clock.ts';
import type { Ran } from './connection.ts';
import { CommitInDoubt, isTransient } from './errors.ts';
import type { WriterDriver } from './writer.ts';

/** How long (ms) a write is tried again while nothing was done, and the pauses between. */
const TRY_WITHIN_MS = 5000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** How long (ms) to ask whether a commit in doubt is done: a server that crashed has recovered by then, mostly. */
const ASK_WITHIN_MS = 30_000;

/** What runs a statement in the transaction that is under way. */
type RunNow = (text: string, parameters: readonly unknown[]) => Promise<Ran>;

/** The write transactions of a process, one after another. */
export class PostgresTransactions<DB> {
  /**
   * PostgreSQL keeps 64 subtransactions of a transaction in memory, and is slow for everybody when there are more. Each
   * work among others is one.
   */
  readonly maxGroup = 60;
  readonly #db: Kysely<DB>;
  readonly #driver: WriterDriver;

  /** `driver` is that of `db`. */
  constructor(db: Kysely<DB>, driver: WriterDriver) {
    this.#db = db;
    this.#driver = driver;
  }

  /**
   * Runs a work in a write transaction, and again while the server could not do it.
   * @throws the last error after that, and what the work threw: nothing was done. CommitInDoubt: nobody knows.
   */
  async run<T>(work: (trx: Transaction<DB>, runNow: RunNow) => Promise<T>): Promise<T> {
    return again(
      TRY_WITHIN_MS,
      () => this.#attempt(work),
      (error) => !(error instanceof CommitInDoubt),
    );
  }

  async #attempt<T>(work: (trx: Transaction<DB>, runNow: RunNow) => Promise<T>): Promise<T> {
    for (;;) {
      const done: { value?: T } = {};
      try {
        await this.#db.transaction().execute(async (trx) => {
          done.value = await work(trx, this.#driver.runNow);
        });
      } catch (error) {
        if (!(error instanceof CommitInDoubt)) throw error;
        const isDone = await again(ASK_WITHIN_MS, () => this.#driver.hasCommitted()).catch(
          (cause: unknown) => {
            throw new CommitInDoubt('Nobody could say whether a transaction is done', { cause });
          },
        );
        if (!isDone) continue;
      }
      return done.value as T;
    }
  }
}

/** Tries again, with pauses that grow, while nothing was done and `withinMs` have not passed. @throws the last error. */
async function again<T>(
  withinMs: number,
  attempt: () => Promise<T>,
  isWorthIt: (error: unknown) => boolean = () => true,
): Promise<T> {
  const until = systemClock.monotonicMs() + withinMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error) || !isWorthIt(error) || systemClock.monotonicMs() + pause > until) throw error;
      await sleep(pause);
    }
  }
}
