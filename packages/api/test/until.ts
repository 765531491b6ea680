/** Far more than anything takes, however busy the machine is: only a test that fails waits so long. */
const WITHIN_MS = 60_000;

/** Waits until something is so. @throws Error when that takes too long: a test that has failed does not go on for ever. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Not within ${WITHIN_MS} ms: ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
