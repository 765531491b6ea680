import type { Receiver } from '../bare/receiver-client.ts';
import { owe } from '../fill/owe.ts';
import { beforeDeadline } from '../rig/deadline.ts';
import { now } from '../rig/now.ts';
import type { Pair } from '../rig/people.ts';
import type { Product } from '../rig/product.ts';

/** Longer than the slowest machine takes. */
const STUCK_AFTER_MS = 300_000;

/**
 * Writes `count` messages into the database at once, for the running workers to deliver.
 * @returns the time (ms) until the last one was settled.
 */
export async function drain(
  product: Product,
  receiver: Receiver,
  pairs: readonly Pair[],
  count: number,
): Promise<number> {
  const { complete } = await receiver.expect(count);
  const owedAt = await owe(product.database.url, pairs, count);
  const firstAt = Number(
    await beforeDeadline(complete, STUCK_AFTER_MS, `The callbacks of ${count} messages`),
  );
  await product.database.settled(pairs.map(({ connectionId }) => connectionId));
  // Workers may see the commit before the promise of the writer resolves.
  return now() - Math.min(owedAt, firstAt);
}
