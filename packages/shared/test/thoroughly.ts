/**
 * How often a test tries what chance decides, or how much it moves: as much as CI has time for, and less elsewhere,
 * where somebody waits for the result.
 */
export function thoroughly({ inCi, elsewhere }: { inCi: number; elsewhere: number }): number {
  return process.env['CI'] === undefined ? elsewhere : inCi;
}
