/** Milliseconds, with fractions, on a clock that all processes of this machine share and nobody sets (CLOCK_MONOTONIC). */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
