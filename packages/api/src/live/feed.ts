import type { DatabaseReader } from '@mahilo/shared/db/database';
import type { EventRow } from '@mahilo/shared/events/tail';
import { Notifier } from '@mahilo/shared/notifier';
import type { FastifyBaseLogger } from 'fastify';
import { type LiveEvent, toLiveEvent } from './live-event.ts';
import { LogFollower } from './log-follower.ts';

/**
 * Gets an event, and the access version as it was when the event had been read: what has changed it before the event
 * happened shows in it. Must not throw.
 */
export type EventListener = (event: LiveEvent, accessVersion: number) => void;

export interface Subscription extends Disposable {
  /**
   * Resolves when no later event can be missed: a caller that then reads the database, and listens, sees everything.
   * Rejects when the log cannot be read.
   */
  readonly ready: Promise<void>;
}

export interface WaitOptions {
  timeoutMs: number;
  /** Ends the wait at once: the client has gone. */
  signal: AbortSignal;
}

/**
 * Distributes live events, one feed for each API process. It reads the event log once for all listeners and passes
 * each event, in order, to those of its user. Without listeners it reads nothing. Its only state is its position in
 * the log; a client that has missed events reads them from the log.
 */
export class Feed {
  readonly #db: DatabaseReader;
  readonly #log: FastifyBaseLogger;
  readonly #listeners = new Map<string, Set<EventListener>>();
  readonly #waits = new Set<() => void>();
  #follower: LogFollower | undefined;
  #left: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(db: DatabaseReader, log: FastifyBaseLogger) {
    this.#db = db;
    this.#log = log;
  }

  /**
   * Calls `listener` with each event of this user that is committed after `ready`, and perhaps with a few earlier
   * ones.
   */
  subscribe(userId: string, listener: EventListener): Subscription {
    if (this.#closed) return { ready: Promise.resolve(), [Symbol.dispose]() {} };
    this.#follower ??= new LogFollower(this.#db, this.#log, (row, version) => this.#tell(row, version));
    const { ready } = this.#follower;
    // A subscriber that ignores `ready` must not crash the process.
    ready.catch(() => undefined);
    const mine = this.#listeners.get(userId) ?? new Set();
    this.#listeners.set(userId, mine.add(listener));
    return { ready, [Symbol.dispose]: () => this.#unsubscribe(userId, listener) };
  }

  /**
   * Waits until `look` finds something. Calls it as soon as no event can be missed any more, and again after each
   * event of this user that `concerns` it, so it must read the database each time.
   * @returns what it found; undefined when the time was over, the client gone, or the feed closed.
   * @throws what `look` threw, or the error that kept the log from being read.
   */
  async until<T>(
    userId: string,
    concerns: (event: LiveEvent) => boolean,
    look: () => Promise<T | undefined>,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<T | undefined> {
    const notifier = new Notifier();
    let isOver = this.#closed || signal.aborted;
    const end = () => {
      isOver = true;
      notifier.notify();
    };
    using subscription = this.subscribe(userId, (event) => {
      if (concerns(event)) notifier.notify();
    });
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end);
    this.#waits.add(end);
    try {
      await subscription.ready;
      for (;;) {
        const found = signal.aborted ? undefined : await look();
        if (found !== undefined || isOver) return found;
        await notifier.wait(Number.POSITIVE_INFINITY);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      this.#waits.delete(end);
    }
  }

  /** Whether the process is stopping, so that nothing is awaited any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Ends every wait, and passes on nothing more. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const end of this.#waits) end();
    this.#listeners.clear();
    this.#leave();
    await this.#left;
  }

  #tell(row: EventRow, accessVersion: number): void {
    const mine = this.#listeners.get(row.user_id);
    if (mine === undefined) return;
    const event = toLiveEvent(row);
    for (const listener of [...mine]) listener(event, accessVersion);
  }

  #unsubscribe(userId: string, listener: EventListener): void {
    const mine = this.#listeners.get(userId);
    mine?.delete(listener);
    if (mine?.size === 0) this.#listeners.delete(userId);
    if (this.#listeners.size === 0) this.#leave();
  }

  #leave(): void {
    const follower = this.#follower;
    this.#follower = undefined;
    if (follower) this.#left = Promise.all([this.#left, follower.close()]).then(() => undefined);
  }
}
