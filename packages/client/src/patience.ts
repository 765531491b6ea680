import { pauseAfter } from './connection.ts';
import { MahiloError } from './mahilo-error.ts';
import { backoffMs, pause } from './pause.ts';

/**
 * How something that goes on for ever bears failures: while it has never had an answer it gives up after some, later
 * only on what no time mends.
 */
export class Patience {
  readonly #retries: number;
  readonly #signal: AbortSignal | undefined;
  #failures = 0;
  #hasWorked = false;

  constructor(retries: number, signal: AbortSignal | undefined) {
    this.#retries = retries;
    this.#signal = signal;
  }

  worked(): void {
    this.#failures = 0;
    this.#hasWorked = true;
  }

  /**
   * Waits before the next try, or until the signal is aborted.
   * @throws the error when there should be no next try.
   */
  async failed(error: unknown): Promise<void> {
    if (this.#signal?.aborted) return;
    this.#failures++;
    if (!this.#hasWorked && this.#failures > this.#retries) throw error;
    const ms =
      pauseAfter(error, this.#failures, true) ?? (isPassing(error) ? backoffMs(this.#failures) : undefined);
    if (ms === undefined) throw error;
    await pause(ms, this.#signal).catch(() => undefined);
  }
}

/** What a single request does not wait for, and something that goes on does: a fault, too many streams. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof MahiloError && (error.status >= 500 || error.status === 429 || error.status === 408)
  );
}
