import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { errorText, SetupError } from '../errors.ts';
import { postgresMigrations, UNRELEASED } from './migrations.ts';
import { sqlState } from './postgres/errors.ts';
import type { Schema } from './schema.ts';
import { ageOf, executedMigrations, isSchemaUsable } from './schema-age.ts';

/** SQLSTATE class of statements that do not fit the tables that are there (PostgreSQL's manual, appendix A). */
const UNFIT = /^42/;
const FORBIDDEN = '42501';
/** An upgrade that takes longer (ms) is told. */
const LONG_MS = 2000;

/**
 * Brings the schema of a PostgreSQL database up to date, in one transaction that holds Kysely's lock: of several processes
 * that start together one migrates, and the others wait and find it done.
 * @throws SetupError when the schema is newer than this code, or no release has it, or the database is somebody else's.
 */
export async function migratePostgres(db: Kysely<Schema>, says: (sentence: string) => void): Promise<void> {
  if (await isSchemaUsable(db)) return;
  // In this order: whoever migrates at this moment makes all tables, and says so, at once.
  const isTaken = await hasOtherTables(db);
  if (isTaken && (await executedMigrations(db)).length === 0) {
    throw new SetupError(
      'The database has tables of another application, and was left as it is: DATABASE_URL must name a database of Mahilo Registry, or an empty one.',
    );
  }
  if ((await ageOf(db)) !== 'older') return;
  const telling = setTimeout(
    () => says('The schema of the database is being upgraded, by this process or another …'),
    LONG_MS,
  );
  const provider = { getMigrations: async () => ({ ...postgresMigrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  clearTimeout(telling);
  if (error !== undefined) throw explained(error);
}

async function hasOtherTables(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_catalog.pg_class where relnamespace = current_schema()::regnamespace
      and relkind in ('r', 'p', 'v', 'm', 'f') and relname not like 'kysely%' limit 1
  `.execute(db);
  return rows.length > 0;
}

function explained(error: unknown): unknown {
  const state = sqlState(error);
  if (state === FORBIDDEN) {
    return new SetupError(
      `The database user may not make tables (${errorText(error)}): make it the owner of the database.`,
      { cause: error },
    );
  }
  if (!UNFIT.test(state)) return error;
  return new SetupError(
    `The database could not be brought up to date and is as it was (${errorText(error)}): ${UNRELEASED}`,
    { cause: error },
  );
}
