import { setTimeout as sleep } from 'node:timers/promises';
import { owedBySender } from '@mahilo/shared/bounds/owed';
import { Notifier } from '@mahilo/shared/notifier';
import type { ApiDeps } from '../deps.ts';

/** Rows read at once. It takes about a millisecond, in which the process does nothing else. */
const PAGE_ROWS = 250;
/** From the end of one walk to the next (ms). */
const EVERY_MS = 2000;
/**
 * After each page the walk rests for so many times as long as the page took: it uses half a percent of the time at most,
 * however much is owed, and a tenth while somebody is near the bound or waits for it.
 */
const REST = 199;
const SHORT_REST = 9;
/** Longest time (ms) that a send waits for a walk. */
const LONGEST_WAIT_MS = 1000;

/**
 * Counts the deliveries owed of each sender's messages. Adds at once what this process accepts; the next walk over
 * everything that is owed removes what was settled anywhere. So it costs a send nothing, and lags a little.
 */
export class OwedDeliveries {
  readonly #deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>;
  readonly #near: number;
  readonly #stop = new AbortController();
  readonly #notifier = new Notifier();
  readonly #commits: Disposable;
  readonly #running: Promise<void>;
  #owed = new Map<string, number>();
  #sinceWalk = new Map<string, number>();
  #nextWalk = Promise.withResolvers<void>();
  #version: unknown;
  #hasCommitted = false;
  #isAnybodyNear = false;
  /** Requests that wait for a walk. */
  #waiting = 0;

  /** Starts the first walk at once. Who owes `near` or more is near the bound. */
  constructor(deps: Pick<ApiDeps, 'db' | 'clock' | 'log'>, near: number) {
    this.#deps = deps;
    this.#near = near;
    this.#commits = deps.db.onCommit(() => {
      this.#hasCommitted = true;
    });
    this.#running = this.#follow();
  }

  of(userId: string): number {
    return (this.#owed.get(userId) ?? 0) + (this.#sinceWalk.get(userId) ?? 0);
  }

  /** Adds newly accepted deliveries. */
  add(userId: string, deliveries: number): void {
    this.#sinceWalk.set(userId, (this.#sinceWalk.get(userId) ?? 0) + deliveries);
    if (this.of(userId) >= this.#near) this.#isAnybodyNear = true;
  }

  /** Waits, but not long, for a walk that begins now, so that `of` knows what has been settled. */
  async refresh(): Promise<void> {
    this.#waiting += 1;
    this.#notifier.notify();
    await Promise.race([this.#nextWalk.promise, sleep(LONGEST_WAIT_MS, undefined, { ref: false })]);
    this.#waiting -= 1;
  }

  async close(): Promise<void> {
    this.#commits[Symbol.dispose]();
    this.#stop.abort();
    this.#notifier.notify();
    await this.#running;
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const walk = this.#nextWalk;
      this.#nextWalk = Promise.withResolvers();
      if (this.#mayHaveChanged()) await this.#walk();
      walk.resolve();
      await this.#notifier.wait(EVERY_MS);
    }
    this.#nextWalk.resolve();
  }

  /** Without a write there is nothing to count again. */
  #mayHaveChanged(): boolean {
    const version = this.#deps.db.dataVersion();
    const hasChanged = this.#hasCommitted || version !== this.#version;
    this.#version = version;
    this.#hasCommitted = false;
    return hasChanged;
  }

  async #walk(): Promise<void> {
    const { db, clock, log } = this.#deps;
    for (const [userId, deliveries] of this.#sinceWalk) {
      this.#owed.set(userId, (this.#owed.get(userId) ?? 0) + deliveries);
    }
    // From now on the walk may also see what is accepted; that counts twice until the next walk.
    this.#sinceWalk = new Map();
    let startedAt = clock.monotonicMs();
    const goOn = async () => {
      const rest = this.#isAnybodyNear || this.#waiting > 0 ? SHORT_REST : REST;
      await this.#rest(rest * (clock.monotonicMs() - startedAt));
      startedAt = clock.monotonicMs();
      return !this.#stop.signal.aborted;
    };
    try {
      this.#owed = (await owedBySender(db.kysely, { pageRows: PAGE_ROWS, goOn })) ?? this.#owed;
      this.#isAnybodyNear = [...this.#owed.values()].some((deliveries) => deliveries >= this.#near);
    } catch (err) {
      this.#hasCommitted = true;
      log.warn({ err }, 'What is owed could not be counted; trying again');
    }
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
