import { systemClock } from '@mahilo/shared/clock';
import { openUpgraded } from '@mahilo/shared/db/open';
import { isPostgresUrl } from '@mahilo/shared/postgres-url';
import type { Command } from './command.ts';
import { optionsOrExit } from './command-line.ts';
import { databaseOptions, databaseUrl } from './context.ts';
import { SIGNED_OUT } from './database/prepare-restored.ts';
import { raiseIdsInPostgres } from './database/raise-ids.ts';
import { answer } from './output.ts';

const HELP = `Says that the PostgreSQL database is an older state of itself, which a backup brought back: npm run admin -- restored

  --json   Answers for machines.
  --help   Shows this.

To be run before the first process starts on it. Ids of events go on above all that were given out since, so that no stream
misses one, and browsers are signed out. A state of an older version is brought up to date. With SQLite, \`restore\` does the same by itself.`;

export const command: Command = async (commandArguments) => {
  const { values } = optionsOrExit(HELP, {
    args: commandArguments,
    options: { json: { type: 'boolean', default: false } },
  });
  const url = databaseUrl();
  if (!isPostgresUrl(url)) {
    throw new Error('This is for PostgreSQL: with SQLite, `restore` has done it.');
  }
  // The dump may be of an older version, which a tool would leave alone.
  const db = await openUpgraded(url, databaseOptions());
  try {
    await db.write(async (trx) => {
      await raiseIdsInPostgres(trx, systemClock.now());
      // Of a session that was ended since, or a link that was used, the database knows nothing.
      for (const table of SIGNED_OUT) await trx.deleteFrom(table).execute();
    });
  } finally {
    await db.close();
  }
  answer(
    values.json,
    { status: 'restored' },
    () => 'Ids of events go on above all earlier ones, and browsers are signed out.',
  );
  return 0;
};
