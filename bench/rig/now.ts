/** Milliseconds with fractions on the monotonic clock, which all processes of this machine share (CLOCK_MONOTONIC). */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
