import { BOUNDS, NEAR } from '@mahilo/shared/bounds/bounds';
import type { ApiDeps } from '../deps.ts';
import { OwedDeliveries } from './owed-deliveries.ts';
import { assertFits } from './quota.ts';
import { StoredBytes } from './stored-bytes.ts';

/** How long (ms) a count of stored bytes stays valid; closer to the bound for less. */
const BELIEVED_MS = 600_000;
const BELIEVED_NEAR_MS = 5000;
/** Seconds after which to try again when too much is owed: by then this process knows what was settled. */
const RETRY_AFTER_S = 10;

export interface Weight {
  bytes: number;
  deliveries: number;
}

/** What has been taken for a request: its transaction may be done again, and takes only what is more. */
export type Taken = Weight;

/** For a request of which nothing has been taken. */
export function nothingTaken(): Taken {
  return { bytes: 0, deliveries: 0 };
}

/** What senders may have stored and owed. Memory holds both counts: no send waits for one or writes one. */
export class SendQuota {
  readonly #deps: Pick<ApiDeps, 'settings' | 'telemetry'>;
  readonly #stored: StoredBytes;
  readonly #owed: OwedDeliveries;

  constructor(deps: Pick<ApiDeps, 'db' | 'clock' | 'log' | 'settings' | 'telemetry'>) {
    this.#deps = deps;
    this.#stored = new StoredBytes(deps);
    this.#owed = new OwedDeliveries(deps, NEAR * BOUNDS.owed_per_user.limit(deps.settings));
  }

  /**
   * Adds a message that is being accepted, and notes it in `taken`, which stays with its request when the transaction is done
   * again. @throws MahiloError QUOTA_EXCEEDED when it is too much.
   */
  take(taken: Taken, userId: string, weight: Weight): void {
    const deps = this.#deps;
    const bytes = weight.bytes - taken.bytes;
    const deliveries = weight.deliveries - taken.deliveries;
    assertFits(deps, 'stored_bytes_per_user', this.#knownStoredBy(userId), bytes);
    assertFits(deps, 'owed_per_user', this.#owed.of(userId), deliveries, RETRY_AFTER_S);
    this.#stored.add(userId, bytes);
    this.#owed.add(userId, deliveries);
    Object.assign(taken, weight);
  }

  /** Adds deliveries that are owed again. @throws MahiloError QUOTA_EXCEEDED when they are too many. */
  takeAgain(userId: string, deliveries: number): void {
    assertFits(this.#deps, 'owed_per_user', this.#owed.of(userId), deliveries, RETRY_AFTER_S);
    this.#owed.add(userId, deliveries);
  }

  /**
   * Before a message is accepted: when the sender seems to owe too much, waits a moment to learn what was settled
   * meanwhile. Do not call it in a transaction. @returns at once undefined when there is nothing to wait for.
   */
  refresh(userId: string): Promise<void> | undefined {
    const limit = BOUNDS.owed_per_user.limit(this.#deps.settings);
    return this.#owed.of(userId) >= limit ? this.#owed.refresh() : undefined;
  }

  /** The current count, for the sender to see. */
  async owedBy(userId: string): Promise<number> {
    await this.#owed.refresh();
    return this.#owed.of(userId);
  }

  storedBy(userId: string): Promise<number> {
    return this.#stored.look(userId);
  }

  async close(): Promise<void> {
    await Promise.all([this.#stored.close(), this.#owed.close()]);
  }

  #knownStoredBy(userId: string): number {
    const used = this.#stored.of(userId, BELIEVED_MS);
    const isNear = used >= NEAR * BOUNDS.stored_bytes_per_user.limit(this.#deps.settings);
    return isNear ? this.#stored.of(userId, BELIEVED_NEAR_MS) : used;
  }
}
