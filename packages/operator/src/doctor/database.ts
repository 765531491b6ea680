import { existsSync } from 'node:fs';
import { isBusy } from '@mahilo/shared/db/busy';
import { isForeign } from '@mahilo/shared/db/identity';
import { missingNoteOf } from '@mahilo/shared/db/sqlite/placed-file';
import { assertOwnWal } from '@mahilo/shared/db/sqlite/wal-owner';
import { whyUnusable } from '@mahilo/shared/db/unusable-place';
import { progressText, type UpgradeProgress, upgradeUnderWay } from '@mahilo/shared/db/upgrade-note';
import { errorText, SetupError } from '@mahilo/shared/errors';
import { examine, isEmpty, quickCheck, tryWriteLock } from '../database/inspect-file.ts';
import { checkDatabase, schemaOf } from '../database/verified-copy.ts';
import { bytes, span } from '../format.ts';
import { type Check, type Finding, findingsOf } from './finding.ts';
import { schemaAhead } from './schema-ahead.ts';

const { ok, note, problem } = findingsOf('database');

/** Up to this size the whole database is read by default, which takes about a second. */
const SMALL_BYTES = 256_000_000;
const RESTORE = 'Stop the processes and restore the latest backup (docs/backups.md).';

/** The database itself: whether it can be read and written, its schema, and whether it is intact. */
export const examineDatabase: Check = ({ database, isFull, patience }) => {
  if (!existsSync(database)) return [absent(database)];
  try {
    assertOwnWal(database);
    if (isForeign(database)) return [foreign(database)];
    if (isEmpty(database)) return [note(`${database} is empty.`, 'The next start of a process fills it.')];
    const upgrade = upgradeUnderWay(database);
    // Otherwise the process that did it was just killed.
    if (upgrade !== undefined && isLocked(database)) return [upgrading(upgrade)];
    const { bytes: size, journalMode } = examine(database);
    const findings = [
      ...schema(database),
      ...journal(journalMode),
      ...writing(database, patience.writeLockMs),
      ...wholeness(database, size, isFull),
    ];
    return findings.length > 0
      ? findings
      : [ok('It can be read and written, has the schema of this version, and is whole.')];
  } catch (error) {
    if (error instanceof SetupError) return [problem(error.message, 'No process starts with it.')];
    const why = errorText(error).replace(/\.$/, '');
    return [problem(`${database} cannot be read: ${why}.`, whyUnusable(database) ?? RESTORE)];
  }
};

function absent(database: string): Finding {
  const missing = missingNoteOf(database);
  if (existsSync(missing)) {
    return problem(
      `The database ${database} is gone, although it was in use: no process starts (exit code 78).`,
      `Put it back, with ${database}-wal if that is still there, or restore the latest backup (docs/backups.md). To begin with an empty registry, delete ${missing}.`,
    );
  }
  return note(
    `There is no database ${database} yet.`,
    'The API makes one with its first start. Is DATABASE_URL right?',
  );
}

function foreign(database: string): Finding {
  return problem(
    `${database} is the database of another application: no process starts with it (exit code 78), or changes it.`,
    'Correct DATABASE_URL: it must name a database of Mahilo Registry, or a file that does not exist yet.',
  );
}

function isLocked(database: string): boolean {
  try {
    tryWriteLock(database, 0);
    return false;
  } catch (error) {
    return isBusy(error);
  }
}

function upgrading(progress: UpgradeProgress): Finding {
  return note(
    `A process upgrades it: ${progressText(progress)}. Nothing is accepted or delivered meanwhile.`,
    'Wait until it is done. If the process is stopped before, the database is as it was.',
  );
}

function schema(database: string): Finding[] {
  const age = schemaOf(database);
  if (age === 'newer') {
    return [
      problem(
        'A newer version of Mahilo Registry has written it.',
        'Start that version, or restore a backup of before the upgrade.',
      ),
    ];
  }
  if (age === 'older')
    return [note('It has the schema of an older version.', 'The next start of a process upgrades it.')];
  if (age === 'ahead') return [schemaAhead()];
  return [];
}

function journal(mode: string): Finding[] {
  if (mode === 'wal') return [];
  return [
    note(
      `Its journal mode is ${mode}: no process has used it since it was made or restored.`,
      'The next start of a process changes that.',
    ),
  ];
}

function writing(database: string, waitMs: number): Finding[] {
  try {
    tryWriteLock(database, waitMs);
    return [];
  } catch (error) {
    if (isBusy(error)) {
      return [
        problem(
          `Something holds the write lock for more than ${span(waitMs)}: messages are answered with 503.`,
          'A sqlite3 shell with an open transaction, or a stopped process (SIGSTOP, a debugger). `lsof` on the file names who has it open; end it.',
        ),
      ];
    }
    return [
      problem(`It cannot be written: ${errorText(error)}.`, 'Look at the findings about files and disk.'),
    ];
  }
}

function wholeness(database: string, size: number, isFull: boolean): Finding[] {
  if (isFull) {
    checkDatabase(database);
    return [ok('It was read as a whole: structure, indexes and references are right.')];
  }
  if (size > SMALL_BYTES) {
    return [
      note(
        `It is large (${bytes(size)}) and was not read as a whole.`,
        '--full does that. It disturbs nobody, but the WAL grows meanwhile.',
      ),
    ];
  }
  const wrong = quickCheck(database);
  return wrong === undefined ? [] : [problem(`It is damaged: ${wrong}.`, RESTORE)];
}
