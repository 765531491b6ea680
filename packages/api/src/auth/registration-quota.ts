import { BOUNDS, quotaExceeded } from '@mahilo/shared/bounds/bounds';
import type { MahiloError } from '@mahilo/shared/errors';
import type { ApiDeps } from '../deps.ts';
import type { Client } from '../http/client-address.ts';
import { WindowCounters } from '../http/window-counters.ts';

const BOUND = 'registrations_per_address';
const DAY_MS = 86_400_000;
/** Addresses whose new accounts are counted at once. */
const MAX_COUNTED = 50_000;

/**
 * How many accounts may be registered from one address in a day. Does not count loopback and private addresses: they
 * may be a proxy that TRUST_PROXY does not name, with many people behind it.
 */
export class RegistrationQuota {
  readonly #counters: WindowCounters;
  readonly #limit: number;
  readonly #telemetry: ApiDeps['telemetry'];

  constructor({ clock, settings, telemetry }: Pick<ApiDeps, 'clock' | 'settings' | 'telemetry'>) {
    this.#counters = new WindowCounters(clock, DAY_MS, MAX_COUNTED);
    this.#limit = BOUNDS[BOUND].limit(settings);
    this.#telemetry = telemetry;
  }

  /**
   * Registers a person from an address; a failure does not count.
   * @throws MahiloError QUOTA_EXCEEDED, and what `register` throws.
   */
  async take<T>({ network, isOwn }: Client, register: () => Promise<T>): Promise<T> {
    if (isOwn) return register();
    const { count, leftMs } = this.#counters.add(network);
    try {
      if (count > this.#limit) throw this.#refusal(leftMs);
      return await register();
    } catch (error) {
      this.#counters.add(network, -1);
      throw error;
    }
  }

  #refusal(leftMs: number): MahiloError {
    this.#telemetry.quotaExceeded(BOUND);
    return quotaExceeded(BOUND, this.#limit, Math.ceil(leftMs / 1000));
  }
}
