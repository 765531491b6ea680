const EVERY_MS = 10;
/** Far more than anything takes, however busy the machine is: only a test that fails waits so long. */
const TIMEOUT_MS = 60_000;

/** Retries until `attempt` neither throws nor returns undefined or false; its last error tells what was missing. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  timeoutMs = TIMEOUT_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeoutMs;
  let missing: unknown = new Error('The condition was never met.');
  while (Date.now() < deadline) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    } catch (error) {
      missing = error;
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  throw new Error(`Not within ${timeoutMs} ms.`, { cause: missing });
}
