import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '@mahilo/shared/clock';
import type { SchemaAge } from '@mahilo/shared/db/migrations';
import { noteBackup } from '@mahilo/shared/db/sqlite/last-backup';
import { assertOwnWal } from '@mahilo/shared/db/sqlite/wal-owner';
import { errorText } from '@mahilo/shared/errors';
import {
  assertDiskSpace,
  deleteAbandoned,
  deleteOldBackups,
  OF_POSTGRES,
  reserveBackup,
} from './backup-files.ts';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseFile } from './context.ts';
import { verifiedCopy } from './copy-with-progress.ts';
import { largestCopy, schemaOf } from './database/verified-copy.ts';
import { bytes, count, span } from './format.ts';
import { answer } from './output.ts';

const HELP = `Makes a checked copy of the database while the processes run: npm run admin -- backup --to DIRECTORY [option…]

  --to DIRECTORY    Where the backup goes, as mahilo-YYYYMMDD-HHMMSS.db (UTC), for its owner alone. Made when it is missing.
  --keep-days N     Afterwards deletes backups there that are older than N days. Only files of that name are touched, and
                    never the one just made. Without this nothing is deleted.
  --database FILE   The database, if not that of DATABASE_URL.
  --json            Answers for machines.
  --help            Shows this.

A backup that fails leaves the earlier ones alone, says why, and ends with exit code 1. SECRET_KEY is not needed, and not
in the backup: keep it somewhere else.`;

interface Backup {
  file: string;
  bytes: number;
  duration_ms: number;
  schema: SchemaAge;
  deleted: string[];
}

export const command: Command = async (commandArguments) => {
  const { values } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      to: { type: 'string' },
      'keep-days': { type: 'string' },
      database: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.to) exitWithMistake('--to DIRECTORY is missing.');
  const keepDays = days(values['keep-days']);
  const backup = await makeBackup(databaseFile(values.database, OF_POSTGRES), resolve(values.to), keepDays);
  answer(values.json, backup, () => sentences(backup, keepDays).join('\n'));
  return 0;
};

function days(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (!/^[1-9]\d{0,4}$/.test(given)) {
    exitWithMistake(`--keep-days must be a whole number from 1, but it is "${given}".`);
  }
  return Number(given);
}

async function makeBackup(source: string, directory: string, keepDays: number | undefined): Promise<Backup> {
  assertOwnWal(source);
  // Or else the copy of another application's database would be named as what is wrong.
  schemaOf(source);
  const startedAt = systemClock.monotonicMs();
  const needed = largestCopy(source);
  const reserved = await reserveBackup(directory);
  let file: string;
  let schema: SchemaAge;
  try {
    assertDiskSpace(directory, needed, 'The backup');
    schema = await verifiedCopy(source, reserved.partial);
    file = reserved.finish();
  } catch (error) {
    reserved.discard();
    throw error;
  }
  noteUnlessForbidden(source);
  deleteAbandoned(directory);
  const deleted = keepDays === undefined ? [] : deleteOldBackups(directory, keepDays, file);
  const duration_ms = Math.round(systemClock.monotonicMs() - startedAt);
  return { file, bytes: statSync(file).size, duration_ms, schema, deleted };
}

/** A user who may only read the database can still make a backup of it. */
function noteUnlessForbidden(database: string): void {
  try {
    noteBackup(database, systemClock.now());
  } catch (error) {
    console.error(`The backup is made, but metrics and doctor do not hear of it: ${errorText(error)}.`);
  }
}

function sentences(backup: Backup, keepDays: number | undefined): string[] {
  const { file, duration_ms, deleted, schema } = backup;
  return [
    `${file} is made and checked: ${bytes(backup.bytes)} in ${span(duration_ms)}.`,
    ...(schema === 'current'
      ? []
      : [`It was written by ${schema === 'older' ? 'an older' : 'a newer'} version.`]),
    ...(deleted.length > 0
      ? [`${count(deleted.length, 'backup')} older than ${keepDays} days: deleted (${deleted.join(', ')}).`]
      : []),
  ];
}
