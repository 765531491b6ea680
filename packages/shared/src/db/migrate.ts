import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pRetry from 'p-retry';
import { isBusy } from './busy.ts';
import { APPLICATION_ID } from './identity.ts';
import { migrations } from './migrations.ts';
import type { Schema } from './schema.ts';

/**
 * Brings the schema up to date. The whole run is one transaction that holds the write lock, so of several processes
 * that start together one migrates and the others find it done.
 * @throws Error when the database was written by a newer version of the product.
 */
export async function migrateToLatest(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  await pRetry(
    async () => {
      // Needs no write lock: a process can start while another one holds it.
      if ((await isSchemaCurrent(db)) && (await isMarked(db))) return;
      await refuseNewerSchema(db);
      if (!(await isMarked(db))) await sql.raw(`pragma application_id = ${APPLICATION_ID}`).execute(db);
      const { error } = await migrator.migrateToLatest();
      if (error !== undefined) throw error;
    },
    { retries: 40, minTimeout: 50, maxTimeout: 250, shouldRetry: ({ error }) => isBusy(error) },
  );
}

/** Whether the file says whose it is: those of older versions do not. */
async function isMarked(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ application_id: number }>`pragma application_id`.execute(db);
  return rows[0]?.application_id === APPLICATION_ID;
}

/** True when every migration that this code knows has run, and no other. */
export async function isSchemaCurrent(db: Kysely<Schema>): Promise<boolean> {
  const names = await executedMigrations(db);
  return names.length === Object.keys(migrations).length && names.every((name) => name in migrations);
}

/** @throws Error when the schema is another one than this code's, so that nobody writes what another version misreads. */
export async function assertSchemaCurrent(db: Kysely<Schema>): Promise<void> {
  await refuseNewerSchema(db);
  if (await isSchemaCurrent(db)) return;
  throw new Error(
    'The database was written by an older version of Mahilo Registry; start the API once, which upgrades it.',
  );
}

async function refuseNewerSchema(db: Kysely<Schema>): Promise<void> {
  const unknown = (await executedMigrations(db)).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new Error(
      `The database was written by a newer version of Mahilo Registry (it has ${unknown.join(', ')}); start that version, or restore a backup.`,
    );
  }
}

async function executedMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const rows = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute();
  return rows.map((row) => row.name);
}
