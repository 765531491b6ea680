import { BOUNDS, NEAR } from '@mahilo/shared/bounds/bounds';
import type { ApiDeps } from '../deps.ts';
import { OwedDeliveries } from './owed-deliveries.ts';
import { assertFits } from './quota.ts';
import { StoredBytes } from './stored-bytes.ts';

/** A count of stored bytes is believed for so long (ms); nearer to the bound for less. */
const BELIEVED_MS = 600_000;
const BELIEVED_NEAR_MS = 5000;
/** When to try again (s) with too much owed: what was settled by then is known here. */
const RETRY_AFTER_S = 10;

export interface Weight {
  bytes: number;
  deliveries: number;
}

/** What senders may have stored, and owed. Both are kept in memory: no send waits for a count, or writes one. */
export class SendQuota {
  readonly #deps: Pick<ApiDeps, 'settings' | 'telemetry'>;
  readonly #stored: StoredBytes;
  readonly #owed: OwedDeliveries;

  constructor(deps: Pick<ApiDeps, 'db' | 'clock' | 'log' | 'settings' | 'telemetry'>) {
    this.#deps = deps;
    this.#stored = new StoredBytes(deps);
    this.#owed = new OwedDeliveries(deps);
  }

  /**
   * Takes a message into account that is being accepted. @throws MahiloError QUOTA_EXCEEDED when it is too much.
   */
  take(userId: string, { bytes, deliveries }: Weight): void {
    const deps = this.#deps;
    assertFits(deps, 'stored_bytes_per_user', this.#knownStoredBy(userId), bytes);
    assertFits(deps, 'owed_per_user', this.#owed.of(userId), deliveries, RETRY_AFTER_S);
    this.#stored.add(userId, bytes);
    this.#owed.add(userId, deliveries);
  }

  /**
   * Before a message is accepted: who seems to owe too much waits a moment, until what was settled meanwhile is known. No
   * transaction may wait for that.
   */
  async refresh(userId: string): Promise<void> {
    const limit = BOUNDS.owed_per_user.limit(this.#deps.settings);
    if (this.#owed.of(userId) >= limit) await this.#owed.refresh();
  }

  /** How much it is now, for the sender to see. */
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
