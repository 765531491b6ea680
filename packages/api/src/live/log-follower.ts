import { setImmediate as turn } from 'node:timers/promises';
import type { DatabaseReader } from '@mahilo/shared/db/database';
import { type EventRow, eventsAfter, newestEventId } from '@mahilo/shared/events/tail';
import { Notifier } from '@mahilo/shared/notifier';
import type { FastifyBaseLogger } from 'fastify';

/** Events that are read at once. */
const PAGE = 500;
/** After a read that failed, the next one is not before this (ms). */
const AFTER_FAILURE_MS = 250;

/** Gets an event, and the access version as it was after the event had been read. Must not throw. */
type OnEvent = (row: EventRow, accessVersion: number) => void;

/**
 * Follows the event log from its current end. This process's commits and other processes' notifications wake it; it
 * reads each event once and in order.
 */
export class LogFollower {
  /** Resolves when it will pass on every later event; rejects when the log cannot be read. */
  readonly ready: Promise<void>;
  readonly #db: DatabaseReader;
  readonly #log: FastifyBaseLogger;
  readonly #onEvent: OnEvent;
  readonly #notifier = new Notifier();
  readonly #subscriptions: readonly Disposable[];
  readonly #running: Promise<void>;
  #position = 0;
  #closed = false;

  constructor(db: DatabaseReader, log: FastifyBaseLogger, onEvent: OnEvent) {
    this.#db = db;
    this.#log = log;
    this.#onEvent = onEvent;
    const notify = () => this.#notifier.notify();
    this.#subscriptions = [db.onCommit(notify), db.onChange(notify)];
    this.ready = newestEventId(db.kysely).then((id) => {
      this.#position = id;
    });
    this.#running = this.ready.then(
      () => this.#follow(),
      () => undefined,
    );
  }

  /** Passes on nothing more; resolves when no read is running. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#notifier.notify();
    await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#closed) {
      const mayBeMore = await this.#readPage().catch((err) => {
        this.#log.warn({ err }, 'Events could not be read; trying again');
        setTimeout(() => this.#notifier.notify(), AFTER_FAILURE_MS).unref();
        return false;
      });
      if (mayBeMore) await turn();
      else if (!this.#closed) await this.#notifier.wait(Number.POSITIVE_INFINITY);
    }
  }

  async #readPage(): Promise<boolean> {
    const rows = await eventsAfter(this.#db.kysely, this.#position, PAGE);
    const version = rows.length === 0 ? 0 : await this.#db.accessVersion();
    for (const row of rows) {
      if (this.#closed) return false;
      this.#position = row.id;
      this.#onEvent(row, version);
    }
    return rows.length === PAGE;
  }
}
