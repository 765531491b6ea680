import type { Logger } from 'pino';
import { block } from '../block.ts';
import { systemClock } from '../clock.ts';
import { EXIT_CODE_CONFIG, exitMisconfigured } from '../config/load.ts';
import type { Database } from '../db/open.ts';
import { leaveMissingNote, missingNoteOf } from '../db/placed-file.ts';
import { errorText, SetupError } from '../errors.ts';

/**
 * How often (ms) to check that the database is still in place; what is written meanwhile is not acknowledged anyway.
 */
const LOOK_EVERY_MS = 1000;

/** How long (ms) a process that ends goes on writing back what only its WAL has, and how often it tries. */
const WRITE_BACK_WITHIN_MS = 10_000;
const WRITE_BACK_RETRY_MS = 10;

/** Ends a process that could not start, with a sentence and exit code 78 when only a person can mend it, else 1. */
export function cannotStart(log: Logger, name: string, error: unknown): never {
  const sentence = `${name} cannot start: ${errorText(error)}`;
  if (error instanceof SetupError) {
    log.fatal(sentence);
    exitMisconfigured(sentence);
  }
  log.fatal({ err: error }, sentence);
  process.exit(1);
}

/**
 * Ends this process with exit code 78 when the database file was deleted, renamed or replaced, or what SQLite keeps
 * beside it. In the first case it leaves a note beside it, so that nobody starts an empty registry in its place.
 */
export function endWhenDatabaseIsGone(
  db: Pick<Database, 'file' | 'isInPlace' | 'hasCompanions' | 'checkpoint'>,
  log: Logger,
): Disposable {
  const look = () => {
    if (db.isInPlace()) {
      if (!db.hasCompanions()) endWithoutCompanions(db, log);
      return;
    }
    leaveMissingNote(db.file);
    log.fatal(
      { database: db.file, note: missingNoteOf(db.file) },
      `The database ${db.file} was deleted, renamed or replaced: nothing is accepted or delivered any more. Put it back, or restore a backup (docs/backups.md)`,
    );
    process.exit(EXIT_CODE_CONFIG);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The WAL is still open here, though its name is gone: what stands in it goes into the database file first. */
function endWithoutCompanions(db: Pick<Database, 'file' | 'checkpoint'>, log: Logger): never {
  const rest = writtenBack(db, log)
    ? `what stood in them is in ${db.file} now`
    : 'not all that stood in them could be written back';
  log.fatal(
    { database: db.file },
    `${db.file}-wal or ${db.file}-shm was deleted or replaced, though they belong to the database: ${rest}. Start every process again, and leave them alone`,
  );
  process.exit(EXIT_CODE_CONFIG);
}

/** Tries again while another process, which notices the same, is in the way. Blocks, so that nothing more is accepted. */
function writtenBack(db: Pick<Database, 'checkpoint'>, log: Logger): boolean {
  const deadline = systemClock.monotonicMs() + WRITE_BACK_WITHIN_MS;
  for (;;) {
    try {
      if (db.checkpoint('passive')) return true;
    } catch (err) {
      log.error({ err }, 'The write-ahead log could not be written back');
      return false;
    }
    if (systemClock.monotonicMs() >= deadline) return false;
    block(WRITE_BACK_RETRY_MS);
  }
}
