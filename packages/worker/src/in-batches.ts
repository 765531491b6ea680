/** Rows in one transaction of the upkeep: few enough that the write lock is held only briefly. */
export const BATCH = 50;

/**
 * Repeats what works on up to {@link BATCH} rows and says on how many it did, until there were fewer or it shall end.
 * @returns the sum.
 */
export async function inBatches(signal: AbortSignal, batch: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let done = BATCH; done === BATCH && !signal.aborted; all += done) done = await batch();
  return all;
}
