import type { Clock } from '@mahilo/shared/clock';
import { batched, type Together } from '@mahilo/shared/db/batched';
import type { Database, DatabaseReader } from '@mahilo/shared/db/database';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { GroupCommit, Outcome, Work } from '@mahilo/shared/db/write';
import type { Transaction } from 'kysely';
import { assertStillValid, type Caller, isExpired, type Writer } from './caller.ts';

/** Like `Together` of shared, with the access version that the transaction has read. */
export type TogetherUnderVersion<Item, Result> = (
  trx: Transaction<Schema>,
  items: readonly Item[],
  accessVersion: number,
) => Promise<readonly Outcome<Result>[]>;

/**
 * The database as the API uses it. Each write names its caller, and its transaction checks the caller's key again, so
 * no route can forget that.
 */
export interface ApiDatabase extends DatabaseReader {
  /**
   * Runs queries in a write transaction.
   * @throws as {@link Database.write} does, and MahiloError UNAUTHORIZED: then nothing was done.
   */
  write<T>(by: Writer, work: Work<T>): Promise<T>;
  /** The same beside others, for works that are made for it; see {@link Database.writeBeside}. */
  writeBeside<T>(by: Writer, work: Work<T>): Promise<T>;
  /**
   * For what a caller asks for that may end without a write.
   * @throws MahiloError UNAUTHORIZED when the key has died since the request came.
   */
  assertStillValid(by: Caller): Promise<void>;
  /**
   * Work that costs less for many callers at once than for each alone; see `batched` of shared. It is done beside others, but
   * for an item that must be alone.
   */
  batched<Item, Result>(
    together: TogetherUnderVersion<Item, Result>,
    mustBeAlone: (item: Item) => boolean,
  ): (by: Caller, item: Item) => Promise<Result>;
}

export function apiDatabase({ write, writeBeside, ...reader }: Database, clock: Clock): ApiDatabase {
  const checked = (write: GroupCommit['write']) => {
    return <T>(by: Writer, work: Work<T>): Promise<T> =>
      by === 'registry'
        ? write(work)
        : write(async (trx) => {
            await assertStillValid(trx, by, await accessVersionOf(trx), clock.now());
            return work(trx);
          });
  };
  return {
    ...reader,
    write: checked(write),
    writeBeside: checked(writeBeside),
    assertStillValid: async (by) =>
      assertStillValid(reader.kysely, by, await reader.accessVersion(), clock.now()),
    batched: (together, mustBeAlone) => {
      const alone = batched(write, ofValidCallers(together, clock));
      const beside = batched(writeBeside, ofValidCallers(together, clock));
      return (by, item) => (mustBeAlone(item) ? alone : beside)({ by, item });
    },
  };
}

/** Refuses the items of callers whose keys have died, and passes on the others. */
function ofValidCallers<Item, Result>(
  together: TogetherUnderVersion<Item, Result>,
  clock: Clock,
): Together<{ by: Caller; item: Item }, Result> {
  return async (trx, all) => {
    const version = await accessVersionOf(trx);
    const now = clock.now();
    const refusals = new Map<unknown, Outcome<Result>>();
    for (const submitted of all) {
      if (submitted.by.accessVersion === version && !isExpired(submitted.by, now)) continue;
      await assertStillValid(trx, submitted.by, version, now).catch((error: unknown) => {
        refusals.set(submitted, { ok: false, error });
      });
    }
    const valid = all.filter((submitted) => !refusals.has(submitted)).map(({ item }) => item);
    const outcomes = [...(await together(trx, valid, version))].reverse();
    return all.map(
      (submitted) => refusals.get(submitted) ?? outcomes.pop() ?? { ok: false, error: undefined },
    );
  };
}

async function accessVersionOf(trx: Transaction<Schema>): Promise<number> {
  const [row] = await currentVersion(trx);
  if (row === undefined) throw new Error('The database has no access version.');
  return row.version;
}

const currentVersion = statement<[], { version: number }>('select version from access_version');
