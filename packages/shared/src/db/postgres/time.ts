import { type Clock, systemClock } from '../../clock.ts';

/** How often (ms) to ask for the database's time. */
const ASK_EVERY_MS = 10_000;
/** Answers of which the fastest tells most. */
const QUESTIONS = 3;
/** By so much (ms) or less the time never steps back, but waits; by more, somebody has set the server's clock. */
const MOST_HELD_MS = 1000;

/**
 * The time of the database, which processes on several hosts share: leases, due times and ids must not depend on whose
 * clock is right. Between questions it goes on with this process's monotonic clock.
 */
export class DatabaseTime implements Clock, Disposable {
  readonly #ask: () => Promise<number>;
  readonly #machine: Clock;
  /** The database's time less the monotonic one (ms). */
  #offset: number;
  #latest = Number.NEGATIVE_INFINITY;
  readonly #timer: NodeJS.Timeout;

  /** `ask` answers the database's time (ms). Until `adjust` has been called, the machine's time stands in. */
  constructor(ask: () => Promise<number>, machine: Clock = systemClock) {
    this.#ask = ask;
    this.#machine = machine;
    this.#offset = machine.now() - machine.monotonicMs();
    this.#timer = setInterval(() => void this.adjust().catch(() => undefined), ASK_EVERY_MS).unref();
  }

  now(): number {
    const now = Math.round(this.#machine.monotonicMs() + this.#offset);
    if (now < this.#latest && now >= this.#latest - MOST_HELD_MS) return this.#latest;
    this.#latest = now;
    return now;
  }

  monotonicMs(): number {
    return this.#machine.monotonicMs();
  }

  /** Asks the database. @throws what asking throws; then the offset stays. */
  async adjust(): Promise<void> {
    let fastest = Number.POSITIVE_INFINITY;
    let offset = this.#offset;
    for (let question = 0; question < QUESTIONS; question += 1) {
      const asked = this.#machine.monotonicMs();
      const time = await this.#ask();
      const tookMs = this.#machine.monotonicMs() - asked;
      if (tookMs >= fastest) continue;
      fastest = tookMs;
      offset = time - asked - tookMs / 2;
    }
    this.#offset = offset;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
