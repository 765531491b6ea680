/**
 * How often a test tries what chance decides: rarely in `npm test`, for which somebody waits, and often in the part
 * of `.ci/run` that sets THOROUGH.
 */
export function thoroughly({ inCi, elsewhere }: { inCi: number; elsewhere: number }): number {
  return process.env['THOROUGH'] === undefined ? elsewhere : inCi;
}
