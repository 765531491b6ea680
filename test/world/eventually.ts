const EVERY_MS = 10;
/** The longer the wait, the rarer the looks: each takes the processor from what it waits for. */
const SLOWEST_MS = 100;
/** Far more than anything takes on a busy machine: only a failing test waits this long. */
const TIMEOUT_MS = 120_000;

/** Retries until `attempt` neither throws nor returns undefined or false; the last error becomes the cause. */
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
