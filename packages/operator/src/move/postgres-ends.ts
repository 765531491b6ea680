import type { Database } from '@mahilo/shared/db/database';
import { openDatabase, openExisting } from '@mahilo/shared/db/open';
import { markMoved } from '@mahilo/shared/db/schema-age';
import { sql } from 'kysely';
import { otherSessions } from '../database/other-sessions.ts';
import { raiseIdsInPostgres } from '../database/raise-ids.ts';
import { count } from '../format.ts';
import type { Source, Target } from './ends.ts';
import { cursorPages } from './pages.ts';

/** @throws Error with a sentence when it is in use, or no registry. */
export async function postgresSource(url: string): Promise<Source> {
  const ownName = `mahilo move ${process.pid}`;
  const db = await openExisting(named(url, ownName));
  try {
    await assertAlone(db, ownName);
  } catch (error) {
    await db.close();
    throw error;
  }
  return {
    // As the only writer.
    read: (use) => db.write((trx) => use(cursorPages(trx))),
    async retire(_to, now) {
      await db.write((trx) => markMoved(trx, now));
      return `${db.name} is left as it is, and no process starts on it any more; drop it when nobody needs it.`;
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}

async function assertAlone(db: Database, ownName: string): Promise<void> {
  const others = await otherSessions(db.kysely, ownName);
  if (others === 0) return;
  throw new Error(
    `${db.name} is in use by ${count(others, 'other connection')}: stop every API and worker on every host, a pooler, and what else has it open, and run this again.`,
  );
}

/** The connections of this process have a name by which they know each other. */
function named(url: string, name: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}application_name=${encodeURIComponent(name)}`;
}

/** Makes the tables, if the database has none. */
export async function postgresTarget(url: string): Promise<Target> {
  const db = await openDatabase(url);
  return {
    async fill(now, fill) {
      const filled = await db.write(async (trx) => {
        const result = await fill(trx, cursorPages(trx));
        await raiseIdsInPostgres(trx, now);
        return result;
      });
      // Or the first plans would be those for empty tables.
      await sql`analyze`.execute(db.kysely);
      return filled;
    },
    [Symbol.asyncDispose]: () => db.close(),
  };
}
