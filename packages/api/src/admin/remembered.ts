import type { Clock } from '@mahilo/shared/clock';

/** What was found out, and when (ms). */
export interface Remembered<T> {
  value: T;
  at: number;
}

/**
 * Finds something out at most once in `forMs`, however many ask, and never twice at once. Does not remember failures.
 */
export class Memory<T> {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #forMs: number;
  readonly #find: () => Promise<T>;
  #finding: Promise<Remembered<T>> | undefined;
  /** What is being found out may be from before something was changed. */
  #isStale = false;
  #last: Remembered<T> | undefined;

  constructor(clock: Pick<Clock, 'now'>, forMs: number, find: () => Promise<T>) {
    this.#clock = clock;
    this.#forMs = forMs;
    this.#find = find;
  }

  get(): Promise<Remembered<T>> {
    const age = this.#clock.now() - (this.#last?.at ?? Number.NEGATIVE_INFINITY);
    if (this.#last !== undefined && age >= 0 && age < this.#forMs) return Promise.resolve(this.#last);
    if (this.#finding !== undefined && this.#isStale) return this.#afterwards(this.#finding);
    this.#finding ??= this.#look().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  async #afterwards(stale: Promise<unknown>): Promise<Remembered<T>> {
    await Promise.allSettled([stale]);
    return this.get();
  }

  /** What was found out is old. */
  forget(): void {
    this.#last = undefined;
    this.#isStale = true;
  }

  async #look(): Promise<Remembered<T>> {
    const at = this.#clock.now();
    this.#isStale = false;
    const found = { value: await this.#find(), at };
    if (!this.#isStale) this.#last = found;
    return found;
  }
}
