import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { type Clock, systemClock } from '../../clock.ts';
import type { Ran } from './connection.ts';
import { CommitInDoubt, isTransient, TooManyDoubts } from './errors.ts';
import type { PostgresRowLocks } from './row-locks.ts';
import type { WriterDriver } from './writer.ts';

/** How long (ms) a write is tried again while nothing was done, and the pauses between. */
const TRY_WITHIN_MS = 5000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;
/** How long (ms) to ask whether a commit in doubt is done: a server that crashed has recovered by then, mostly. */
const ASK_WITHIN_MS = 30_000;
/** How long (ms) a transaction is done again whose commits are in doubt, and were not done, one after the other. */
const DOUBTS_WITHIN_MS = 60_000;

/**
 * PostgreSQL keeps 64 subtransactions of a transaction in memory, and is slow for everybody when there are more. Each work
 * among others is one.
 */
const MAX_ALONE = 60;
/** Each work beside others may be many messages, with a lock for the key of each; the server has room for some thousands. */
const MAX_BESIDE = 4;

/** What runs a statement in the transaction that is under way. */
type RunNow = (text: string, parameters: readonly unknown[]) => Promise<Ran>;

/** The locks of transactions that are not alone. */
type Locks = Pick<PostgresRowLocks, keyof PostgresRowLocks>;

type Locked<DB, T> = (trx: Transaction<DB>, runNow: RunNow, locks?: Locks) => Promise<T>;

/** The write transactions of a process, one after another. */
export class PostgresTransactions<DB> {
  readonly maxGroup: number;
  readonly #db: Kysely<DB>;
  readonly #driver: Pick<WriterDriver, 'runNow' | 'hasCommitted'>;
  readonly #locks: Locks | undefined;
  readonly #clock: Pick<Clock, 'monotonicMs'>;

  /** `driver` is that of `db`, and `locks` are of it, when others write beside it. */
  constructor(
    db: Kysely<DB>,
    driver: Pick<WriterDriver, 'runNow' | 'hasCommitted'>,
    locks?: Locks,
    clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {
    this.#db = db;
    this.#driver = driver;
    this.#locks = locks;
    this.#clock = clock;
    this.maxGroup = locks === undefined ? MAX_ALONE : MAX_BESIDE;
  }

  /**
   * Runs a work in a write transaction, and again while the server could not do it.
   * @throws the last error after that, and what the work threw: nothing was done. CommitInDoubt: nobody knows.
   */
  async run<T>(work: Locked<DB, T>): Promise<T> {
    return this.#again(
      TRY_WITHIN_MS,
      () => this.#attempt(work),
      (error) => !(error instanceof CommitInDoubt || error instanceof TooManyDoubts),
    );
  }

  async #attempt<T>(work: Locked<DB, T>): Promise<T> {
    const until = this.#clock.monotonicMs() + DOUBTS_WITHIN_MS;
    for (;;) {
      const done: { value?: T } = {};
      try {
        await this.#db.transaction().execute(async (trx) => {
          done.value = await work(trx, this.#driver.runNow, this.#locks);
        });
      } catch (error) {
        if (!(error instanceof CommitInDoubt)) throw error;
        const asking = this.#again(ASK_WITHIN_MS, () => this.#driver.hasCommitted());
        const isDone = await asking.catch((cause: unknown) => {
          throw new CommitInDoubt('Nobody could say whether a transaction is done', { cause });
        });
        if (!isDone && this.#clock.monotonicMs() >= until) throw new TooManyDoubts(error);
        if (!isDone) continue;
      }
      return done.value as T;
    }
  }

  /** Tries again, with pauses that grow, while nothing was done and `withinMs` have not passed. @throws the last error. */
  async #again<T>(
    withinMs: number,
    attempt: () => Promise<T>,
    isWorthIt: (error: unknown) => boolean = () => true,
  ): Promise<T> {
    const until = this.#clock.monotonicMs() + withinMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const isOver = this.#clock.monotonicMs() + pause > until;
        if (!isTransient(error) || !isWorthIt(error) || isOver) throw error;
        await sleep(pause);
      }
    }
  }
}
