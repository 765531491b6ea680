/**
 * How often a test tries what chance decides: less in `npm test`, where somebody waits for the result, than in the part
 * of `.ci/run` that sets THOROUGH.
 */
export function thoroughly({ inCi, elsewhere }: { inCi: number; elsewhere: number }): number {
  return process.env['THOROUGH'] === undefined ? elsewhere : inCi;
}
