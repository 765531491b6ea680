import type { Clock } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { ApiTelemetry } from '../telemetry.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** After so long (ms) without a wrong key, an address starts afresh. */
const FORGOTTEN_AFTER_MS = 600_000;
/** Addresses remembered at once; the longest quiet ones are forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Failures {
  count: number;
  lastAt: number;
  pausedUntil: number;
}

/**
 * Slows callers down that keep trying wrong API keys. The rate limit of addresses starts afresh each minute. Here,
 * once an address has used up a minute's tries, each further wrong key starts a pause twice as long as the last, in
 * which wrong keys get 429. A valid key is never refused, so nobody can lock out others who share their address. What
 * makes guessing hopeless is the length of the keys.
 */
export class FailedLogins {
  readonly #clock: Clock;
  readonly #telemetry: ApiTelemetry;
  readonly #freeTries: number;
  readonly #byAddress = new Map<string, Failures>();

  constructor({ clock, telemetry, settings }: Pick<ApiDeps, 'clock' | 'telemetry' | 'settings'>) {
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#freeTries = settings.RATE_LIMIT_IP ?? settings.RATE_LIMIT;
  }

  /**
   * The error for a request without a valid key: UNAUTHORIZED, or RATE_LIMITED during a pause. `network` identifies
   * the client.
   */
  refusal(network: string, given: string | undefined): MahiloError {
    if (given === undefined) {
      this.#telemetry.loginRefused('missing');
      return unauthorized();
    }
    const pausedMs = this.#failed(network);
    if (pausedMs === 0) {
      this.#telemetry.loginRefused('wrong');
      return unauthorized();
    }
    this.#telemetry.rateLimited('wrong_key');
    const retryAfterSeconds = Math.ceil(pausedMs / 1000);
    return new MahiloError(
      'RATE_LIMITED',
      `Too many requests with a wrong API key; try again in ${retryAfterSeconds} s.`,
      { retryAfterSeconds },
    );
  }

  /** Counts a wrong key. @returns the rest (ms) of the current pause; 0 without one. */
  #failed(address: string): number {
    const now = this.#clock.monotonicMs();
    const before = this.#byAddress.get(address);
    if (before !== undefined && before.pausedUntil > now) return before.pausedUntil - now;
    const isNew = before === undefined || before.lastAt + FORGOTTEN_AFTER_MS < now;
    const count = (isNew ? 0 : before.count) + 1;
    const doublings = count - this.#freeTries;
    const pauseMs = doublings < 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** doublings);
    this.#remember(address, { count, lastAt: now, pausedUntil: now + pauseMs });
    return 0;
  }

  #remember(address: string, failures: Failures): void {
    this.#byAddress.delete(address);
    const oldest = this.#byAddress.size < MAX_ADDRESSES ? undefined : this.#byAddress.keys().next().value;
    if (oldest !== undefined) this.#byAddress.delete(oldest);
    this.#byAddress.set(address, failures);
  }
}

function unauthorized(): MahiloError {
  return new MahiloError('UNAUTHORIZED', 'A valid API key is needed.');
}
