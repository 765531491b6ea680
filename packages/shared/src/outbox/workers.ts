/** How often (ms) a worker reports that it is alive. */
export const HEARTBEAT_MS = 5000;
/** A worker that has reported nothing for so long (ms) is gone, and no lane is at home with it. */
export const WORKER_GONE_AFTER_MS: number = 3 * HEARTBEAT_MS;
