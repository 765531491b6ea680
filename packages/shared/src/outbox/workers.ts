/** How often (ms) a worker says that it is alive. */
export const HEARTBEAT_MS = 5000;
/** A worker that has not been heard of for so long (ms) is gone: it has no lanes of its own any more. */
export const WORKER_GONE_AFTER_MS: number = 3 * HEARTBEAT_MS;
