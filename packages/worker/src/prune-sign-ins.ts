import { deleteOldAttempts } from '@mahilo/shared/accounts/browser-logins';
import type { WorkerDeps } from './deps.ts';
import { BATCH, inBatches } from './in-batches.ts';

/**
 * Deletes attempts to sign in that are over, with the addresses that made them, where no new ones come that would take them
 * along. In small batches.
 * @returns how many it deleted.
 */
export async function pruneSignIns(
  { db, clock }: Pick<WorkerDeps, 'db' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  return inBatches(signal, () => db.write((trx) => deleteOldAttempts(trx, clock.now(), BATCH)));
}
