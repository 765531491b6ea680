import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import pRetry from 'p-retry';
import { systemClock } from '../clock.ts';
import { MahiloError } from '../errors.ts';
import { isBusy, isDiskFailure, isStorageFailure } from './busy.ts';
import type { Schema } from './schema.ts';
import type { RunNow } from './sqlite/dialect.ts';
import { skipForgottenIds } from './sqlite/event-ids.ts';
import { openShortcut } from './statement.ts';

/** How long (ms) a write waits for a lock that another process holds, before it fails with UNAVAILABLE. */
const LOCK_WAIT_MS = 5000;
/**
 * Constant and small: SQLite gives the lock to the process that asks at the right moment, so asking often is fair.
 */
const LOCK_RETRY_MS = 5;
/** Most works in one transaction, so that a commit never holds the lock for long. */
const MAX_GROUP = 256;

/** Queries that belong together. Await only queries in it: anything else makes every query of the process wait. */
export type Work<T> = (trx: Transaction<Schema>) => Promise<T>;

/** Called after each commit with its duration (ms), including the wait for the lock, and its number of works. */
export type CommitListener = (durationMs: number, works: number) => void;

interface Waiting {
  /**
   * Runs the work inside `trx`.
   * @returns a function that answers the caller once the outcome of the commit is known.
   */
  run(trx: Transaction<Schema>, among: 'others' | 'nobody'): Promise<() => void>;
  reject(error: unknown): void;
}

/**
 * Group commit: works that arrive together share one write transaction, and so one fsync, which is what a durable
 * commit costs. Among others each work has its own savepoint: when it throws, only its own changes are undone. No
 * work is answered before its commit.
 */
export class GroupCommit {
  readonly #db: Kysely<Schema>;
  readonly #runNow: RunNow;
  readonly #isInPlace: () => boolean;
  readonly #committed: CommitListener;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #hasCommitted = false;

  /**
   * `runNow` runs a statement on the one connection that `db` has; `isInPlace` tells whether its file is still the
   * database; `committed` is called after each commit, when its works are answered.
   */
  constructor(db: Kysely<Schema>, runNow: RunNow, isInPlace: () => boolean, committed: CommitListener) {
    this.#db = db;
    this.#runNow = runNow;
    this.#isInPlace = isInPlace;
    this.#committed = committed;
  }

  /**
   * Runs `work` in a write transaction and answers after its commit.
   * @throws what `work` threw, or MahiloError UNAVAILABLE when the database was busy, full or gone: then nothing was done.
   */
  write<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        async run(trx, among) {
          const outcome =
            among === 'others' ? await inSavepoint(trx, work) : { ok: true as const, value: await work(trx) };
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
      await this.#commit(this.#waiting.splice(0, MAX_GROUP));
    }
    this.#running = undefined;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const startedAt = systemClock.monotonicMs();
    const among = group.length > 1 ? 'others' : 'nobody';
    try {
      const answers = await retryWhileBusy(() =>
        this.#db.transaction().execute(async (trx) => {
          using _shortcut = openShortcut(trx, this.#runNow);
          if (!this.#hasCommitted) skipForgottenIds(this.#runNow);
          const answering: (() => void)[] = [];
          for (const work of group) answering.push(await work.run(trx, among));
          if (!this.#isInPlace()) throw unavailable();
          return answering;
        }),
      );
      // The file must also still be in place after the fsync: what is answered is in the file that has the name.
      if (!this.#isInPlace()) throw unavailable();
      this.#hasCommitted = true;
      for (const answer of answers) answer();
      this.#committed(systemClock.monotonicMs() - startedAt, group.length);
    } catch (cause) {
      const error = isBusy(cause) || isStorageFailure(cause) ? unavailable(cause) : cause;
      for (const work of group) work.reject(error);
    }
  }
}

function unavailable(cause?: unknown): MahiloError {
  return new MahiloError('UNAVAILABLE', 'The database cannot take a write at the moment.', {
    retryAfterSeconds: 1,
    cause: isDiskFailure(cause) ? new Error('The disk of the database is full, or fails', { cause }) : cause,
  });
}

/** How something ended, as a value. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: unknown };

async function inSavepoint<T>(trx: Transaction<Schema>, work: Work<T>): Promise<Outcome<T>> {
  await trx.executeQuery(SAVEPOINT);
  try {
    const value = await work(trx);
    await trx.executeQuery(RELEASE);
    return { ok: true, value };
  } catch (error) {
    // The whole transaction may be rolled back: then no part of it may be answered as done.
    if (isBusy(error) || isStorageFailure(error)) throw error;
    await trx.executeQuery(ROLLBACK_TO);
    await trx.executeQuery(RELEASE);
    return { ok: false, error };
  }
}

const SAVEPOINT = CompiledQuery.raw('savepoint work');
const RELEASE = CompiledQuery.raw('release work');
const ROLLBACK_TO = CompiledQuery.raw('rollback to work');

function retryWhileBusy<T>(attempt: () => Promise<T>): Promise<T> {
  return pRetry(attempt, {
    retries: Math.ceil(LOCK_WAIT_MS / LOCK_RETRY_MS),
    minTimeout: LOCK_RETRY_MS,
    factor: 1,
    maxRetryTime: LOCK_WAIT_MS,
    shouldRetry: ({ error }) => isBusy(error),
  });
}
