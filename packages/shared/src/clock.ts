/** Where the current time comes from; injected, so that tests own the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment; never jumps or runs backwards. For durations within a process. */
  monotonicMs(): number;
}

/** The machine's clock. Only this reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A time of the database (ms) as JSON has it: ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
