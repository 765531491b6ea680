import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { systemClock } from '../clock.ts';
import { errorText, SetupError } from '../errors.ts';
import { isBusy, sqliteCode } from './busy.ts';
import { APPLICATION_ID } from './identity.ts';
import { migrations, UNRELEASED } from './migrations.ts';
import type { Schema } from './schema.ts';
import { ageOf, executedMigrations, isSchemaUsable } from './schema-age.ts';
import { seldom, type UpgradeSurroundings, upgrade } from './upgrade.ts';
import { progressText, upgradeUnderWay } from './upgrade-note.ts';

/** How long (ms) to wait for the write lock when nobody says that it upgrades the database. */
const LOCK_WAIT_MS = 10_000;
const ASK_EVERY_MS = 100;

/**
 * Brings the schema up to date in one transaction that holds the write lock. So when several processes start
 * together, one migrates, and the others wait, say why, and find it done.
 * @throws SetupError when the schema is newer than this code, or no release has it; Error when there is too little room.
 */
export async function migrateToLatest(
  db: Kysely<Schema>,
  file: string,
  surroundings: UpgradeSurroundings,
): Promise<void> {
  const wait = new LockWait(file, surroundings.says);
  for (;;) {
    try {
      // This needs no write lock, so a process can start while another one holds it.
      if ((await isSchemaUsable(db)) && (await isMarked(db))) return;
      const age = await ageOf(db);
      if (!(await isMarked(db))) await sql.raw(`pragma application_id = ${APPLICATION_ID}`).execute(db);
      if (age === 'older') await migrate(db, file, surroundings);
      return;
    } catch (error) {
      if (!isBusy(error)) throw explained(error);
      await wait.beforeNextAttempt(error);
    }
  }
}

async function migrate(db: Kysely<Schema>, file: string, surroundings: UpgradeSurroundings): Promise<void> {
  const executed = await executedMigrations(db);
  if (executed.length > 0) {
    // So no thread is started while another process holds the lock.
    await db.transaction().execute(async () => undefined);
    const pending = Object.keys(migrations).filter((name) => !executed.includes(name));
    await upgrade(file, pending, surroundings);
    return;
  }
  const provider = { getMigrations: async () => ({ ...migrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Waits for another process's write lock: for as long as that says it upgrades the database, else for a few seconds. */
class LockWait {
  readonly #file: string;
  readonly #says: (sentence: string) => void;
  #patientUntil = systemClock.monotonicMs() + LOCK_WAIT_MS;

  constructor(file: string, says: (sentence: string) => void) {
    this.#file = file;
    this.#says = seldom(says);
  }

  /** @throws busy, the error of the attempt before, when it has waited for too long. */
  async beforeNextAttempt(busy: unknown): Promise<void> {
    const now = systemClock.monotonicMs();
    const progress = upgradeUnderWay(this.#file);
    if (progress !== undefined) {
      this.#patientUntil = now + LOCK_WAIT_MS;
      this.#says(`Waiting: another process upgrades the database: ${progressText(progress)}.`);
    } else if (now > this.#patientUntil) throw busy;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

/** Whether the file is marked as ours; older versions did not mark it. */
async function isMarked(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ application_id: number }>`pragma application_id`.execute(db);
  return rows[0]?.application_id === APPLICATION_ID;
}

/** When SQL refuses a migration, the tables are not those it was written for. */
function explained(error: unknown): unknown {
  if (sqliteCode(error) !== 'SQLITE_ERROR') return error;
  return new SetupError(
    `The database could not be brought up to date and is as it was (${errorText(error)}): ${UNRELEASED}`,
    { cause: error },
  );
}
