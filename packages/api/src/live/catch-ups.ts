import type { Clock } from '@mahilo/shared/clock';
import { Rotation } from '../http/rotation.ts';

/** After each page all catch-ups rest for so many times as long as it took, so that they leave most of the time to others. */
const REST_FACTOR = 3;
const MAX_REST_MS = 1000;

/** A stream's place in the queue for its next page. */
export interface Place extends Disposable {
  /** Resolves when its turn has come, or when it is given up. */
  readonly turn: Promise<void>;
  /** The page was read, or nobody wants it any more. Idempotent. */
  [Symbol.dispose](): void;
}

/**
 * Who reads the next page of the log. SQLite answers at once, so a long catch-up would keep the process to itself, and
 * many of them all the more: so one page is read at a time, for one user after the other, with a rest behind each. Holds
 * no more than the open streams ask for.
 */
export class CatchUps {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #waiting = new Rotation<() => void>();
  /** Who reads, and since when; undefined: nobody does. */
  #atWork: { run: () => void; since: number } | undefined;
  #isResting = false;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** Takes a place; whoever has it must give it up. */
  queue(userId: string): Place {
    const { promise, resolve } = Promise.withResolvers<void>();
    const run = () => resolve();
    this.#waiting.add(userId, run);
    this.#letIn();
    return { turn: promise, [Symbol.dispose]: () => this.#leave(userId, run) };
  }

  #letIn(): void {
    if (this.#atWork !== undefined || this.#isResting) return;
    const run = this.#waiting.next();
    if (run === undefined) return;
    this.#atWork = { run, since: this.#clock.monotonicMs() };
    run();
  }

  #leave(userId: string, run: () => void): void {
    this.#waiting.remove(userId, run);
    run();
    if (this.#atWork?.run !== run) return;
    const tookMs = this.#clock.monotonicMs() - this.#atWork.since;
    this.#atWork = undefined;
    this.#rest(Math.min(MAX_REST_MS, REST_FACTOR * tookMs));
  }

  #rest(ms: number): void {
    this.#isResting = true;
    // Timers that are late come one right after the other; after an immediate, sockets have had their turn.
    const end = () =>
      setImmediate(() => {
        this.#isResting = false;
        this.#letIn();
      });
    // Streams have connections, which keep the process; without them it need not wait for the rest.
    setTimeout(end, Math.ceil(ms)).unref();
  }
}
