import { BOUND_NAMES, BOUNDS, type BoundName } from '@mahilo/shared/bounds/bounds';
import { COUNTED_BOUNDS, USAGE } from '@mahilo/shared/bounds/usage';
import type { ApiDeps, App } from '../deps.ts';
import type { SendQuota } from './send-quota.ts';

/** How much of something a user has now. */
export interface Used {
  used: number;
  /** When (ms) the count starts afresh, if it does. */
  resetsAt?: number;
}

export interface Limit extends Used {
  name: BoundName;
  limit: number;
}

type UsedBy = (userId: string, limit: number) => Used | Promise<Used>;

/** What each bound counts for a user. Features register their counts, and `GET /auth/limits` shows them. */
export class Limits {
  readonly #settings: ApiDeps['settings'];
  readonly #usedBy = new Map<BoundName, UsedBy>();

  constructor({ db, settings }: Pick<ApiDeps, 'db' | 'settings'>) {
    this.#settings = settings;
    for (const name of COUNTED_BOUNDS) {
      // A user over a bound that was lowered sees by how much.
      this.add(name, async (userId, limit) => ({ used: await USAGE[name](db.kysely, userId, 10 * limit) }));
    }
  }

  add(name: BoundName, usedBy: UsedBy): void {
    this.#usedBy.set(name, usedBy);
  }

  /** Every count of a user, in the order of docs/limits.md. */
  async of(userId: string): Promise<Limit[]> {
    const limits: Limit[] = [];
    for (const name of BOUND_NAMES) {
      const limit = BOUNDS[name].limit(this.#settings);
      const used = await this.#usedBy.get(name)?.(userId, limit);
      if (used !== undefined) limits.push({ name, limit, ...used });
    }
    return limits;
  }
}

/** Every count of users. */
export function limitsOf(
  deps: Pick<ApiDeps, 'db' | 'settings' | 'clock'>,
  quota: SendQuota,
  { userRequests, budgets }: Pick<App, 'userRequests' | 'budgets'>,
): Limits {
  const limits = new Limits(deps);
  limits.add('stored_bytes_per_user', async (userId) => ({ used: await quota.storedBy(userId) }));
  limits.add('owed_per_user', async (userId) => ({ used: await quota.owedBy(userId) }));
  limits.add('requests_per_minute', (userId) => {
    const { count, leftMs } = userRequests.read(userId);
    return { used: count, resetsAt: deps.clock.now() + leftMs };
  });
  limits.add('streams_per_user', (userId) => ({ used: budgets.streams.usedBy(userId) }));
  limits.add('request_bytes_per_client', (userId) => ({ used: budgets.requestBytes.usedBy(userId) }));
  limits.add('response_bytes_per_client', (userId) => ({ used: budgets.responseBytes.usedBy(userId) }));
  return limits;
}
