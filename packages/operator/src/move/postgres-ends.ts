import { systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { openExisting, openUpgraded } from '@mahilo/shared/db/open';
import type { Schema } from '@mahilo/shared/db/schema';
import { assertSchemaKnown, markMoved } from '@mahilo/shared/db/schema-age';
import { sql, type Transaction } from 'kysely';
import { databaseOptions } from '../context.ts';
import { otherSessions } from '../database/other-sessions.ts';
import { raiseIdsInPostgres } from '../database/raise-ids.ts';
import { count } from '../format.ts';
import type { Source, Target } from './ends.ts';
import { cursorPages, type Pages } from './pages.ts';

const OWN_NAME = `mahilo move ${process.pid}`;
const DAY_MS = 86_400_000;

/** @throws Error with a sentence when it is in use, or no registry. */
export async function postgresSource(url: string): Promise<Source> {
  const db = await openExisting(patient(url), databaseOptions());
  try {
    await assertSchemaKnown(db.kysely);
    await assertAlone(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return {
    // As the only writer.
    read: (use) =>
      db.write(async (trx) => {
        const pages = await unhurried(trx);
        // Whoever starts meanwhile waits here, before it can write, and then finds that the registry has gone.
        await sql`lock table kysely_migration in access exclusive mode`.execute(trx);
        await assertAlone(db);
        const result = await use(pages);
        await markMoved(trx, systemClock.now());
        return result;
      }),
    async retire() {
      return `${db.name} is left as it is, and no process starts on it any more; drop it when nobody needs it.`;
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}

async function assertAlone(db: Database): Promise<void> {
  const others = await otherSessions(db.kysely, OWN_NAME);
  if (others === 0) return;
  throw new Error(
    `${db.name} is in use by ${count(others, 'other connection')}: stop every API and worker on every host, a pooler, and what else has it open, and run this again.`,
  );
}

/** The connections of this process have a name by which they know each other, and wait for as long as it takes to sort a large table. */
function patient(url: string): string {
  const options = new URLSearchParams({ application_name: OWN_NAME, query_timeout: String(DAY_MS) });
  return `${url}${url.includes('?') ? '&' : '?'}${options}`;
}

/** A transaction that is left alone for longer than the product would, while the other database works. */
async function unhurried(trx: Transaction<Schema>): Promise<Pages> {
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
  return cursorPages(trx);
}

/**
 * Pages that are read after a table was filled, and before others refer to it. What a move has left that was killed may be counted
 * as so many pages without a row; then all indexes seem to cost the same, and each reference might be checked by reading one
 * that does not begin with the id, from end to end. The server counts anew by itself, but sees no rows before the commit. It
 * may be counting at this moment, for longer than a write waits.
 */
async function countedPages(trx: Transaction<Schema>): Promise<Pages> {
  const pages = await unhurried(trx);
  await sql`set local lock_timeout = 0`.execute(trx);
  return async function* counted(table) {
    await sql`analyze ${sql.table(table.name)}`.execute(trx);
    yield* pages(table);
  };
}

/** Makes the tables, if the database has none. */
export async function postgresTarget(url: string): Promise<Target> {
  const db = await openUpgraded(patient(url), databaseOptions());
  return {
    async fill(now, fill) {
      const filled = await db.write(async (trx) => {
        const result = await fill(trx, await countedPages(trx));
        await raiseIdsInPostgres(trx, now);
        return result;
      });
      // Or the first plans would be those for empty tables. The server does it by itself, later.
      await sql`analyze`.execute(db.kysely).catch(() => undefined);
      return filled;
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}
