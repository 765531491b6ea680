import { closeSync, existsSync, openSync, realpathSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import { isForeign } from '@mahilo/shared/db/identity';
import type { SchemaAge } from '@mahilo/shared/db/migrations';
import { removeMissingNote } from '@mahilo/shared/db/sqlite/placed-file';
import { makeDirectory } from '@mahilo/shared/make-directory';
import { assertDiskSpace, OF_POSTGRES, stamp } from './backup-files.ts';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseFile } from './context.ts';
import { verifiedCopy } from './copy-with-progress.ts';
import type { HeldDatabase } from './database/exclusive-lock.ts';
import { type Contents, prepareRestored } from './database/prepare-restored.ts';
import { checkDatabase, largestCopy, schemaOf } from './database/verified-copy.ts';
import { answer } from './output.ts';
import { setAsideForeignWal } from './restore/foreign-wal.ts';
import { giveToOwner } from './restore/give-to-owner.ts';
import { replaceDatabase } from './restore/replace.ts';
import { takeOver } from './restore/take-over.ts';

const HELP = `Puts a backup in the place of the database: npm run admin -- restore FILE [option…]

  FILE               The backup.
  --check            Only reads the backup and checks it.
  --database FILE    The database, if not that of DATABASE_URL.
  --replace-damaged  Also replaces a database that is so damaged that its locks cannot tell whether a process uses it.
  --json             Answers for machines.
  --help             Shows this.

Stop the API and every worker first: it refuses to run while any process has the database open. The database that was
there is kept beside the new one. What is wrong is said before anything is changed, with exit code 1.`;

interface Restored extends Contents {
  database: string;
  /** The name that the earlier database has now; null: there was none. */
  kept_as: string | null;
  schema: SchemaAge;
}

export const command: Command = async (commandArguments) => {
  const { values, positionals } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      check: { type: 'boolean', default: false },
      database: { type: 'string' },
      'replace-damaged': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [given, ...others] = positionals;
  if (given === undefined || others.length > 0) exitWithMistake('Exactly one FILE must be given.');
  const backup = resolve(given);
  assertUsable(backup, schemaOf(backup));
  if (values.check) {
    const schema = checkDatabase(backup);
    answer(values.json, { file: backup, schema }, () => `${backup} is whole, and this version can use it.`);
    return 0;
  }
  const restored = await restore(
    backup,
    databaseFile(values.database, OF_POSTGRES),
    values['replace-damaged'],
  );
  answer(values.json, restored, () => sentences(backup, restored).join('\n'));
  return 0;
};

function assertUsable(backup: string, schema: SchemaAge): void {
  if (schema !== 'newer') return;
  throw new Error(
    `${backup} was written by a newer version of Mahilo Registry: restore it with that version, or take an older backup.`,
  );
}

async function restore(backup: string, given: string, evenDamaged: boolean): Promise<Restored> {
  // When the name is a symbolic link, the link stays, and the database behind it is replaced.
  const database = existsSync(given) ? realpathSync(given) : given;
  if (database === realpathSync(backup)) throw new Error(`${backup} is the database itself.`);
  const now = systemClock.now();
  const partial = `${database}.restoring-${stamp(now)}`;
  makeDirectory(dirname(database), 0o700);
  assertDiskSpace(dirname(database), largestCopy(backup), 'The restored database');
  const foreign = setAsideForeignWal(database);
  const present = await takeOverOwn(database, evenDamaged).catch((error) => {
    foreign?.putBack();
    throw error;
  });
  try {
    closeSync(openSync(partial, 'wx', 0o600));
    let contents: Contents | undefined;
    const schema = await verifiedCopy(backup, partial, () => {
      contents = prepareRestored(partial, now);
    });
    giveToOwner(partial, database);
    const kept_as = replaceDatabase(database, partial, `${database}.before-restore-${stamp(now)}`, present);
    removeMissingNote(database);
    return { database, kept_as, schema, ...(contents as Contents) };
  } finally {
    foreign?.remove();
    present?.release();
    rmSync(partial, { force: true });
  }
}

/** @throws Error also when the database belongs to another application: nobody wants to lose that. */
async function takeOverOwn(database: string, evenDamaged: boolean): Promise<HeldDatabase | undefined> {
  if (isReadableAndForeign(database)) {
    throw new Error(
      `${database} is the database of another application, and was left as it is: is DATABASE_URL (or --database) right?`,
    );
  }
  return takeOver(database, evenDamaged);
}

function isReadableAndForeign(database: string): boolean {
  try {
    return existsSync(database) && isForeign(database);
  } catch {
    // Damaged, or in use.
    return false;
  }
}

function sentences(backup: string, restored: Restored): string[] {
  const { newest_message_at: newest, waiting, in_flight, kept_as } = restored;
  return [
    `${restored.database} is restored from ${backup}.`,
    newest === null
      ? 'There is no message in it.'
      : `The newest message in it was accepted at ${isoTime(newest)}; later ones are gone.`,
    waiting + in_flight === 0
      ? 'Nothing is owed in it.'
      : `${waiting} deliveries wait in it and ${in_flight} were in flight: these go out, also what has arrived after the backup was made. It comes with the same message id.`,
    kept_as === null ? 'There was no database before.' : `The database that was there is kept as ${kept_as}.`,
    `Start the API and the workers now${restored.schema === 'older' ? '; the first start brings the schema up to date' : ''}.`,
  ];
}
