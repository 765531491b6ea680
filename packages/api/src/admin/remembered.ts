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
  #last: Remembered<T> | undefined;

  constructor(clock: Pick<Clock, 'now'>, forMs: number, find: () => Promise<T>) {
    this.#clock = clock;
    this.#forMs = forMs;
    this.#find = find;
  }

  get(): Promise<Remembered<T>> {
    const age = this.#clock.now() - (this.#last?.at ?? Number.NEGATIVE_INFINITY);
    if (this.#last !== undefined && age >= 0 && age < this.#forMs) return Promise.resolve(this.#last);
    this.#finding ??= this.#look().finally(() => {
      this.#finding = undefined;
    });
    return this.#finding;
  }

  /** What was found out is old. */
  forget(): void {
    this.#last = undefined;
  }

  async #look(): Promise<Remembered<T>> {
    const at = this.#clock.now();
    const found = { value: await this.#find(), at };
    this.#last = found;
    return found;
  }
}
