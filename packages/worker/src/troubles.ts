import type { Clock } from '@mahilo/shared/clock';

/** While a trouble lasts, it is reported again after this (ms). */
const TELL_EVERY_MS = 3_600_000;
/** A lane without an attempt for so long (ms) no longer counts: another worker may have taken it over. */
const FORGET_AFTER_MS = 900_000;
/** Lanes remembered at once. Beyond that, a trouble is reported without counting all its lanes. */
const MAX_LANES = 10_000;

export interface TroubleListener {
  began(error: string): void;
  lasts(error: string, lanes: number): void;
  ended(error: string): void;
}

interface Trouble {
  toldAt: number;
  /** Its lanes, and when each last had it. */
  lanes: Map<string, number>;
}

/**
 * The registry's own troubles, as this worker meets them: name resolution, no route. Reports each kind when it
 * begins, once an hour while it lasts, and when it ends, however many deliveries it delays.
 */
export class Troubles {
  readonly #clock: Clock;
  readonly #listener: TroubleListener;
  /** By their error. */
  readonly #troubles = new Map<string, Trouble>();
  readonly #errors = new Map<string, string>();

  constructor(clock: Clock, listener: TroubleListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Lanes in trouble, as far as this worker knows. */
  get lanes(): number {
    this.#forget();
    return this.#errors.size;
  }

  met(lane: string, error: string): void {
    const before = this.#errors.get(lane);
    if (before !== undefined && before !== error) this.over(lane);
    const now = this.#clock.monotonicMs();
    const existing = this.#troubles.get(error);
    const trouble = existing ?? { toldAt: now, lanes: new Map<string, number>() };
    if (existing === undefined) {
      this.#troubles.set(error, trouble);
      this.#listener.began(error);
    } else if (now - trouble.toldAt >= TELL_EVERY_MS) {
      this.#forget();
      trouble.toldAt = now;
      this.#listener.lasts(error, trouble.lanes.size);
    }
    if (trouble.lanes.has(lane) || this.#errors.size < MAX_LANES) {
      trouble.lanes.set(lane, now);
      this.#errors.set(lane, error);
    }
  }

  /** An attempt has reached the lane. */
  over(lane: string): void {
    const error = this.#errors.get(lane);
    if (error === undefined) return;
    this.#errors.delete(lane);
    const trouble = this.#troubles.get(error);
    trouble?.lanes.delete(lane);
    if (trouble?.lanes.size !== 0) return;
    this.#troubles.delete(error);
    this.#listener.ended(error);
  }

  #forget(): void {
    const before = this.#clock.monotonicMs() - FORGET_AFTER_MS;
    for (const { lanes } of [...this.#troubles.values()]) {
      for (const [lane, at] of lanes) if (at < before) this.over(lane);
    }
  }
}
