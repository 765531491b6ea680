const EVERY_MS = 10;
/** What takes long is looked at less often: each look takes the processor from what it waits for. */
const SLOWEST_MS = 100;
/** Far more than anything takes, however busy the machine is: only a test that fails waits so long. */
const TIMEOUT_MS = 60_000;

/** Retries until `attempt` neither throws nor returns undefined or false; its last error tells what was missing. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<Exclude<T, undefined | false>> {
  const beganAt = performance.now();
  const deadline = beganAt + timeoutMs;
  let missing: unknown = new Error('The condition was never met.');
  while (performance.now() < deadline) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    } catch (error) {
      missing = error;
    }
    const pause = Math.min(EVERY_MS + (performance.now() - beganAt) / 20, SLOWEST_MS);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new Error(`Not within ${timeoutMs} ms.`, { cause: missing });
}
