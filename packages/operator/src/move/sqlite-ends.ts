import { existsSync, globSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemClock } from '@mahilo/shared/clock';
import { isForeign } from '@mahilo/shared/db/identity';
import { openDatabase } from '@mahilo/shared/db/open';
import type { Schema } from '@mahilo/shared/db/schema';
import { assertSchemaKnown } from '@mahilo/shared/db/schema-age';
import { SqliteQueueDialect } from '@mahilo/shared/db/sqlite/dialect';
import { leaveMovedNote, removeMissingNote } from '@mahilo/shared/db/sqlite/placed-file';
import { assertOwnWal } from '@mahilo/shared/db/sqlite/wal-owner';
import { makeDirectory } from '@mahilo/shared/make-directory';
import { Kysely } from 'kysely';
import { stamp } from '../backup-files.ts';
import { raiseIdsInSqlite } from '../database/raise-ids.ts';
import { syncDirectoryOf, syncToDisk } from '../database/verified-copy.ts';
import { giveToOwner } from '../restore/give-to-owner.ts';
import { takeOver } from '../restore/take-over.ts';
import type { Source, Target } from './ends.ts';
import { keysetPages } from './pages.ts';

/** @throws Error with a sentence when it is in use, damaged, or no registry. */
export async function sqliteSource(given: string): Promise<Source> {
  const file = existsSync(given) ? realpathSync(given) : given;
  if (existsSync(file) && isForeign(file)) throw new Error(`${file} is the database of another application.`);
  assertOwnWal(file);
  const held = await takeOver(file, false);
  if (held === undefined) throw new Error(`There is no database ${file}; is DATABASE_URL (or --from) right?`);
  let isHeld = true;
  const release = () => {
    if (isHeld) held.release();
    isHeld = false;
  };
  const kysely = new Kysely<Schema>({ dialect: new SqliteQueueDialect(held.sqlite) });
  try {
    await assertSchemaKnown(kysely);
  } catch (error) {
    release();
    throw error;
  }
  return {
    read: (use) => use(keysetPages(kysely)),
    async retire(to, now) {
      held.fold();
      const kept = keptName(file, now);
      // First, so that at no moment a process that starts makes an empty registry.
      leaveMovedNote(file, to);
      renameSync(file, kept);
      syncDirectoryOf(file);
      release();
      return `${file} is ${kept} now.`;
    },
    async [Symbol.asyncDispose]() {
      release();
    },
  };
}

function keptName(file: string, now: number): string {
  const kept = `${file}-moved`;
  return existsSync(kept) ? `${kept}-${stamp(now)}` : kept;
}

/** Makes a new file, which has its name only when it is complete. @throws Error when there is one already. */
export async function sqliteTarget(file: string): Promise<Target> {
  assertFree(file);
  makeDirectory(dirname(file), 0o700);
  const partial = `${file}.moving-${stamp(systemClock.now())}`;
  return {
    async fill(now, fill) {
      const db = await openDatabase(partial);
      let filled: Awaited<ReturnType<typeof fill>>;
      try {
        filled = await db.write(async (trx) => {
          const result = await fill(trx, keysetPages(trx));
          await raiseIdsInSqlite(trx, now);
          return result;
        });
      } finally {
        await db.close();
      }
      syncToDisk(partial);
      giveToOwner(partial, file);
      assertFree(file);
      renameSync(partial, file);
      syncDirectoryOf(file);
      removeMissingNote(file);
      return filled;
    },
    async [Symbol.asyncDispose]() {
      for (const name of globSync(`${basename(partial)}*`, { cwd: dirname(file) })) {
        rmSync(join(dirname(file), name), { force: true });
      }
    },
  };
}

/** A process that is started too early makes a registry of its own under this name. */
function assertFree(file: string): void {
  if (!existsSync(file)) return;
  throw new Error(`There is a file ${file} already: a registry is moved into a new one. Move it away first.`);
}
