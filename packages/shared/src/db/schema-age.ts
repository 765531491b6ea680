import { type Kysely, sql, type Transaction } from 'kysely';
import { isoTime } from '../clock.ts';
import { errorText, SetupError } from '../errors.ts';
import { migrations, type SchemaAge, schemaAgeOf } from './migrations.ts';
import { sqlState } from './postgres/errors.ts';
import type { Schema } from './schema.ts';

/** SQLSTATE of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/** Stands among the migrations of a database whose registry was moved to another one. */
const MOVED = 'moved-to-another-database';

/** Keeps every process from starting on a database whose registry is somewhere else now. */
export async function markMoved(trx: Transaction<Schema>, now: number): Promise<void> {
  await sql`insert into kysely_migration (name, timestamp) values (${MOVED}, ${isoTime(now)})`.execute(trx);
}

/** True when every migration that this code knows has run, and no other that it may not run beside. */
export async function isSchemaUsable(db: Kysely<Schema>): Promise<boolean> {
  const age = schemaAgeOf(await executedMigrations(db));
  return age === 'current' || age === 'ahead';
}

/** @throws SetupError when this code has another schema, so that no version writes what another one misreads. */
export async function assertSchemaUsable(db: Kysely<Schema>): Promise<void> {
  if ((await ageOf(db)) !== 'older') return;
  throw new SetupError(
    'The database was written by an older version of Mahilo Registry; start the API once, which upgrades it.',
  );
}

/** For who copies all that is there. @throws SetupError also when a newer version has added something. */
export async function assertSchemaKnown(db: Kysely<Schema>): Promise<void> {
  await assertSchemaUsable(db);
  if ((await ageOf(db)) !== 'ahead') return;
  throw new SetupError(
    'A newer version of Mahilo Registry has added something to the database: use the tools of that version.',
  );
}

/** @throws SetupError when the schema is of a newer version, or of none that was released. */
export async function ageOf(db: Kysely<Schema>): Promise<SchemaAge> {
  const executed = await executedMigrations(db);
  if (executed.includes(MOVED)) {
    throw new SetupError(
      `The registry of this database was moved to another one: DATABASE_URL must name that. To go on with this one all the same, delete '${MOVED}' from kysely_migration.`,
    );
  }
  const age = schemaAgeOf(executed);
  if (age !== 'newer') return age;
  const unknown = executed.filter((name) => !(name in migrations));
  throw new SetupError(
    `The database was written by a newer version of Mahilo Registry (it has ${unknown.join(', ')}); start that version, or restore a backup.`,
  );
}

/** The names of those that have run, in their order. */
export async function executedMigrations(db: Kysely<Schema>): Promise<string[]> {
  try {
    const rows = await db
      .withTables<{ kysely_migration: { name: string } }>()
      .selectFrom('kysely_migration')
      .select('name')
      .orderBy('name')
      .execute();
    return rows.map((row) => row.name);
  } catch (error) {
    if (isTableMissing(error)) return [];
    throw error;
  }
}

function isTableMissing(error: unknown): boolean {
  return sqlState(error) === UNDEFINED_TABLE || /^no such table: kysely_migration$/.test(errorText(error));
}
