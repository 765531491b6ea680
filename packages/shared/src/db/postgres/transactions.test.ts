import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Driver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { SettableClock } from '../../../test/settable-clock.ts';
import { isBusy } from '../busy.ts';
import type { Schema } from '../schema.ts';
import { PostgresConnection } from './connection.ts';
import { CommitInDoubt, TooManyDoubts } from './errors.ts';
import { PostgresTransactions } from './transactions.ts';

/** Each attempt takes so long (ms), by the clock of the test. */
const ATTEMPT_MS = 7000;

/** A server whose every connection ends before the answer to a COMMIT, and which has done none of them. */
class Doubtful {
  readonly clock = new SettableClock();
  attempts = 0;

  get transactions(): PostgresTransactions<Schema> {
    const nothing = async () => undefined;
    const connection = Object.create(PostgresConnection.prototype);
    const driver: Driver = {
      init: nothing,
      acquireConnection: async () => connection,
      beginTransaction: nothing,
      rollbackTransaction: nothing,
      releaseConnection: nothing,
      destroy: nothing,
      commitTransaction: async () => {
        this.attempts += 1;
        this.clock.ms += ATTEMPT_MS;
        throw new CommitInDoubt('lost');
      },
    };
    const kysely = new Kysely<Schema>({
      dialect: {
        createDriver: () => driver,
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (of) => new PostgresIntrospector(of),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    const runNow = async () => ({ rows: [], changes: 0 });
    const asked = { runNow, hasCommitted: async () => false };
    return new PostgresTransactions(kysely, asked, undefined, this.clock);
  }
}

test('a write whose every commit is in doubt, and not done, ends after a minute: nothing is, and the caller may try again', async () => {
  const server = new Doubtful();
  await assert.rejects(
    server.transactions.run(async () => 'done'),
    (error) => error instanceof TooManyDoubts && isBusy(error),
  );
  assert.equal(server.attempts, Math.ceil(60_000 / ATTEMPT_MS));
});
