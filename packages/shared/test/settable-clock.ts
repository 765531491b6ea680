import type { Clock } from '../src/clock.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A clock that stands still until a test moves it. */
export class SettableClock implements Clock {
  /** Milliseconds since the Unix epoch. */
  ms = START;

  now(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }
}
