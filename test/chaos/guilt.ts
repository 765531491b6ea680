import type { Audit } from './audit.ts';
import type { Journal } from './journal.ts';

/**
 * Whether a run can end early because a property is broken for good. The run asks between two faults, when all
 * processes serve. It ignores what began after the last fault: that may still be on its way to this process.
 */
export async function isGuilty({ intents, arrivals, faults }: Journal, audit: Audit): Promise<boolean> {
  const at = faults.at(-1)?.from;
  if (at === undefined) return false;
  if ((await audit.illegalMoves()).length > 0) return true;
  const stored = await audit.messagesBySend();
  const isForgotten = [...intents.values()].some(
    ({ key, acknowledged }) => acknowledged !== undefined && acknowledged.at < at && !stored.has(key),
  );
  if (isForgotten || [...stored.values()].some((ids) => ids.length > 1)) return true;
  const accepted = new Set(
    arrivals.filter(({ acceptedAt }) => acceptedAt !== undefined).map(({ deliveryId }) => deliveryId),
  );
  return (await audit.deliveredBefore(at)).some((id) => !accepted.has(id));
}
