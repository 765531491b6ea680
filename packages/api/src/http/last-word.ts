import type { EventEmitter } from 'node:events';

/** How long (ms) a client may take to read the end of its answer. */
const LAST_WORD_MS = 1000;

/**
 * Destroys a stream that was ended, unless the other side closes it in time: a client that never does must not hold a
 * socket, or a stop.
 */
export function destroySoon(ended: EventEmitter & { destroy(): unknown }): void {
  const timer = setTimeout(() => ended.destroy(), LAST_WORD_MS);
  ended.once('close', () => clearTimeout(timer));
}
