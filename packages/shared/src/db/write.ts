import type { Transaction } from 'kysely';
import { type Clock, systemClock } from '../clock.ts';
import { MahiloError } from '../errors.ts';
import { Beside, type RowLocks, runsBeside } from './beside.ts';
import { isBusy, isDiskFailure, isStorageFailure } from './busy.ts';
import type { Schema } from './schema.ts';
import { openShortcut, type RunNow } from './statement.ts';

/** Queries that belong together. Await only queries in it: anything else makes every query of the process wait. */
export type Work<T> = (trx: Transaction<Schema>) => Promise<T>;

/** Called after each commit with its duration (ms), including the wait for the lock, and its number of works. */
export type CommitListener = (durationMs: number, works: number) => void;

/**
 * After so long (ms) a transaction takes no more works. Who waits for the lock gives up after some seconds, and over a network,
 * or on a busy machine, sixty works that ask one question after the other take longer than that.
 */
const LONG_ENOUGH_MS = 250;

/** The write transactions of one kind of database. */
export interface WriteTransactions {
  /** Most works in one, so that a commit never holds the lock for long. */
  readonly maxGroup: number;
  /**
   * Runs a work in a write transaction, and again while others hold the lock. `runNow` runs a statement on its connection;
   * `locks` are there when the transaction is not alone.
   * @throws what the work or the commit threw: then nothing was done.
   */
  run<T>(work: (trx: Transaction<Schema>, runNow: RunNow, locks?: RowLocks) => Promise<T>): Promise<T>;
}

interface Waiting {
  /**
   * Runs the work inside `trx`, with savepoints when it is among others.
   * @returns a function that answers the caller once the outcome of the commit is known.
   */
  run(trx: Transaction<Schema>, savepoints: Savepoints | undefined): Promise<() => void>;
  reject(error: unknown): void;
}

/**
 * Group commit: works that arrive together share one write transaction, and so one fsync, which is what a durable
 * commit costs. Among others each work has its own savepoint: when it throws, only its own changes are undone. No
 * work is answered before its commit.
 */
export class GroupCommit {
  readonly #transactions: WriteTransactions;
  readonly #committed: CommitListener;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** `committed` is called after each commit, when its works are answered. */
  constructor(
    transactions: WriteTransactions,
    committed: CommitListener,
    clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {
    this.#transactions = transactions;
    this.#committed = committed;
    this.#clock = clock;
  }

  /**
   * Runs `work` in a write transaction and answers after its commit.
   * @throws what `work` threw, or MahiloError UNAVAILABLE when the database was busy, full or gone: then nothing was done.
   */
  write<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        async run(trx, savepoints) {
          const outcome = savepoints
            ? await savepoints.around(() => work(trx))
            : { ok: true as const, value: await work(trx) };
          return () => (outcome.ok ? resolve(outcome.value) : reject(outcome.error));
        },
        reject,
      });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when no write is waiting. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // One turn of the event loop lets requests whose bytes are already here join this transaction.
      await new Promise(setImmediate);
      await this.#commit(this.#waiting.splice(0, this.#transactions.maxGroup));
    }
    this.#running = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const startedAt = this.#clock.monotonicMs();
    try {
      const answers = await this.#transactions.run(async (trx, runNow, locks) => {
        const enoughAt = this.#clock.monotonicMs() + LONG_ENOUGH_MS;
        using _shortcut = openShortcut(trx, runNow);
        const beside = locks && new Beside(locks);
        if (beside) runsBeside(trx, beside);
        const savepoints = group.length > 1 ? new Savepoints(runNow, beside) : undefined;
        const answering: (() => void)[] = [];
        for (const work of group) {
          answering.push(await work.run(trx, savepoints));
          if (this.#clock.monotonicMs() >= enoughAt) break;
        }
        await savepoints?.areAnswered();
        beside?.end(trx);
        return answering;
      });
      for (const answer of answers) answer();
      this.#waiting.unshift(...group.slice(answers.length));
      this.#committed(this.#clock.monotonicMs() - startedAt, answers.length);
    } catch (cause) {
      const error = isBusy(cause) || isStorageFailure(cause) ? unavailable(cause) : cause;
      for (const work of group) work.reject(error);
    }
  }
}

/** The database cannot take a write: nothing was done. */
export function unavailable(cause?: unknown): MahiloError {
  return new MahiloError('UNAVAILABLE', 'The database cannot take a write at the moment.', {
    retryAfterSeconds: 1,
    cause: isDiskFailure(cause) ? new Error('The disk of the database is full, or fails', { cause }) : cause,
  });
}

/** How something ended, as a value. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: unknown };

const SAVEPOINT = 'savepoint work';
const RELEASE = 'release work';
const ROLLBACK_TO = 'rollback to work';

/**
 * The savepoints of a transaction. What marks one is sent and not waited for, since answers come in order and each would be a
 * journey to a server. If it fails, so does all that comes behind it.
 */
class Savepoints {
  readonly #runNow: RunNow;
  readonly #beside: Beside | undefined;
  readonly #sent: Promise<unknown>[] = [];

  constructor(runNow: RunNow, beside: Beside | undefined) {
    this.#runNow = runNow;
    this.#beside = beside;
  }

  async around<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    const mark = this.#beside?.mark ?? 0;
    this.#send(SAVEPOINT);
    try {
      const value = await work();
      this.#send(RELEASE);
      return { ok: true, value };
    } catch (error) {
      // The whole transaction may be rolled back: then no part of it may be answered as done.
      if (isBusy(error) || isStorageFailure(error)) throw error;
      await this.#runNow(ROLLBACK_TO, []);
      this.#send(RELEASE);
      this.#beside?.forgetSince(mark);
      return { ok: false, error };
    }
  }

  /** @throws the error of a mark that failed. */
  async areAnswered(): Promise<void> {
    await Promise.all(this.#sent);
  }

  #send(text: string): void {
    const answer = this.#runNow(text, []);
    if (!(answer instanceof Promise)) return;
    answer.catch(() => undefined);
    this.#sent.push(answer);
  }
}
