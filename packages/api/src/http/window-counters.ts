import type { Clock } from '@mahilo/shared/clock';

interface Window {
  count: number;
  endsAt: number;
}

/** How often something happened in its present window, and when (ms from now) that ends. */
export interface Counted {
  count: number;
  leftMs: number;
}

/** For how long to wait (s) until a window ends: at least one second, since a client that waits for none would ask at once. */
export function secondsLeft(leftMs: number): number {
  return Math.max(1, Math.ceil(leftMs / 1000));
}

/**
 * Counts by key in windows of a fixed length, each beginning when its key is first seen. Uses monotonic time, so that
 * a wall clock that jumps neither resets nor prolongs a window. Keeps a bounded number of keys, and forgets those
 * first whose windows began first.
 */
export class WindowCounters {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #windowMs: number;
  readonly #maxKeys: number;
  /** In the order in which they began. */
  readonly #windows = new Map<string, Window>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, windowMs: number, maxKeys: number) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#maxKeys = maxKeys;
  }

  /** Counts `by` more. */
  add(key: string, by = 1): Counted {
    const now = this.#now();
    const window = this.#current(key, now) ?? this.#begin(key, now);
    window.count += by;
    return { count: window.count, leftMs: window.endsAt - now };
  }

  read(key: string): Counted {
    const now = this.#now();
    const window = this.#current(key, now);
    return window === undefined
      ? { count: 0, leftMs: 0 }
      : { count: window.count, leftMs: window.endsAt - now };
  }

  /** In whole milliseconds: with fractions a window would seem a little longer than it is. */
  #now(): number {
    return Math.floor(this.#clock.monotonicMs());
  }

  #current(key: string, now: number): Window | undefined {
    const window = this.#windows.get(key);
    return window !== undefined && window.endsAt > now ? window : undefined;
  }

  #begin(key: string, now: number): Window {
    this.#windows.delete(key);
    const oldest = this.#windows.size < this.#maxKeys ? undefined : this.#windows.keys().next().value;
    if (oldest !== undefined) this.#windows.delete(oldest);
    const window = { count: 0, endsAt: now + this.#windowMs };
    this.#windows.set(key, window);
    return window;
  }
}
