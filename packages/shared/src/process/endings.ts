import type { Logger } from 'pino';
import { EXIT_CODE_CONFIG, exitMisconfigured } from '../config/load.ts';
import type { Database } from '../db/database.ts';
import { errorText, SetupError } from '../errors.ts';

/**
 * How often (ms) to check that the database is still in place; what is written meanwhile is not acknowledged anyway.
 */
const LOOK_EVERY_MS = 1000;

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

/** Ends this process with exit code 78 when it must not go on with its database; see `Upkeep.loss`. */
export function endWhenDatabaseIsGone({ upkeep }: Pick<Database, 'upkeep'>, log: Logger): Disposable {
  const look = () => {
    const loss = upkeep.loss();
    if (loss === undefined) return;
    log.fatal(loss.fields, loss.sentence);
    process.exit(EXIT_CODE_CONFIG);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
