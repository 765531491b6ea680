import { BOUNDS, type BoundName, NEAR, quotaExceeded } from '@mahilo/shared/bounds/bounds';
import { type CountedBound, USAGE } from '@mahilo/shared/bounds/usage';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Transaction } from 'kysely';
import type { ApiDeps } from '../deps.ts';

type QuotaDeps = Pick<ApiDeps, 'settings' | 'telemetry'>;

/**
 * Checks that a user may have `more` of something, in the transaction that adds it. A user who is already over the
 * bound keeps what is there.
 * @throws MahiloError QUOTA_EXCEEDED
 */
export async function assertRoom(
  deps: QuotaDeps,
  trx: Transaction<Schema>,
  name: CountedBound,
  userId: string,
  more = 1,
): Promise<void> {
  const used = await USAGE[name](trx, userId, BOUNDS[name].limit(deps.settings));
  assertFits(deps, name, used, more);
}

/** Like {@link assertRoom}, for a count that is known. Give `retryAfterSeconds` when waiting helps. */
export function assertFits(
  { settings, telemetry }: QuotaDeps,
  name: BoundName,
  used: number,
  more: number,
  retryAfterSeconds?: number,
): void {
  const limit = BOUNDS[name].limit(settings);
  if (used + more > limit) {
    telemetry.quotaExceeded(name);
    throw quotaExceeded(name, limit, retryAfterSeconds);
  }
  if (used + more >= NEAR * limit) telemetry.quotaNear(name);
}
