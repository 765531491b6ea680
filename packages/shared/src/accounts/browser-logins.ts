import type { Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';

/** So long (ms) after its end an attempt to sign in by an agent's approval still says how it ended. */
const KEPT_MS = 3_600_000;

/**
 * Deletes attempts that were over for longer, at most `limit`. Uses browser_logins_by_expiry.
 * @returns how many.
 */
export async function deleteOldAttempts(
  trx: Transaction<Schema>,
  now: number,
  limit: number,
): Promise<number> {
  const old = trx
    .selectFrom('browser_logins')
    .select('id')
    .where('expires_at', '<=', now - KEPT_MS)
    .limit(limit);
  const { numDeletedRows } = await trx.deleteFrom('browser_logins').where('id', 'in', old).executeTakeFirst();
  return Number(numDeletedRows);
}
