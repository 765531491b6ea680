import { pauseAfter } from './connection.ts';
import { MahiloError } from './mahilo-error.ts';
import { backoffMs, pause } from './pause.ts';

/** Something that goes on does not stay away for longer (ms) than this, whatever it is told. */
const LONGEST_AWAY_MS = 3_600_000;

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
    const ms = pauseAfter(error, this.#failures, true) ?? pauseBeyond(error, this.#failures);
    if (ms === undefined) throw error;
    await pause(ms, this.#signal).catch(() => undefined);
  }
}

/** What a single request does not wait for, and something that goes on does: a fault, too many streams, hours. */
function pauseBeyond(error: unknown, failures: number): number | undefined {
  if (!(error instanceof MahiloError)) return undefined;
  const { status, retryAfterMs = 0 } = error;
  if (status < 500 && status !== 429 && status !== 408) return undefined;
  return Math.max(backoffMs(failures), Math.min(retryAfterMs, LONGEST_AWAY_MS));
}
