/** Where the current time comes from; injected, so that tests own the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment; never jumps or runs backwards. For durations within a process. */
  monotonicMs(): number;
}

/** The clock of the machine: the only place that reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A moment of the database (ms) as it stands in JSON: ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
