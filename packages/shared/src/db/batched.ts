import type { Transaction } from 'kysely';
import { MahiloError } from '../errors.ts';
import type { Schema } from './schema.ts';
import type { GroupCommit, Outcome } from './write.ts';

/** Most items in one call. */
const MAX_TOGETHER = 256;

/**
 * Does the same work for several items at once.
 * @returns their outcomes in the same order; a failure affects only its own item.
 */
export type Together<Item, Result> = (
  trx: Transaction<Schema>,
  items: readonly Item[],
) => Promise<readonly Outcome<Result>[]>;

interface Waiting<Item, Result> {
  item: Item;
  resolve(value: Result): void;
  reject(error: unknown): void;
}

/**
 * Work that costs less for many items at once than for each alone. Hands all items that wait when a write transaction
 * begins to one call of `together`, and answers after the commit. If the call itself throws, tries each item alone.
 * @throws as {@link GroupCommit.write} does.
 */
export function batched<Item, Result>(
  write: GroupCommit['write'],
  together: Together<Item, Result>,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];

  const flush = async () => {
    let taken: Waiting<Item, Result>[] | undefined;
    try {
      // When another process held the lock, the transaction begins again with the same items.
      const outcomes = await write((trx) => {
        taken ??= waiting.splice(0, MAX_TOGETHER);
        return together(trx, itemsOf(taken));
      });
      for (const [index, one] of (taken ?? []).entries()) answer(one, outcomes[index]);
    } catch (error) {
      taken ??= waiting.splice(0, MAX_TOGETHER);
      if (taken.length > 1 && !(error instanceof MahiloError)) await Promise.all(taken.map(alone));
      else for (const one of taken) one.reject(error);
    }
  };

  const alone = (one: Waiting<Item, Result>) =>
    write((trx) => together(trx, [one.item])).then(([outcome]) => answer(one, outcome), one.reject);

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (waiting.length % MAX_TOGETHER === 1) void flush();
    });
}

function itemsOf<Item>(waiting: readonly { item: Item }[]): Item[] {
  return waiting.map(({ item }) => item);
}

function answer<Result>(
  { resolve, reject }: Pick<Waiting<unknown, Result>, 'resolve' | 'reject'>,
  outcome: Outcome<Result> | undefined,
): void {
  if (outcome?.ok) resolve(outcome.value);
  else reject(outcome?.error);
}
