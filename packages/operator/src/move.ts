import { systemClock } from '@mahilo/shared/clock';
import { isPostgresUrl, nameOf } from '@mahilo/shared/postgres-url';
import type { Command } from './command.ts';
import { exitWithMistake, optionsOrExit } from './command-line.ts';
import { databaseUrl } from './context.ts';
import { span } from './format.ts';
import { copyAll, firstFilled, type Sums } from './move/copy.ts';
import type { Source, Target } from './move/ends.ts';
import { postgresSource, postgresTarget } from './move/postgres-ends.ts';
import { sqliteSource, sqliteTarget } from './move/sqlite-ends.ts';
import { answer, progress, table } from './output.ts';

const HELP = `Moves the registry to another database, from SQLite to PostgreSQL or back: npm run admin -- move --to URL [option…]

  --to URL        Where it goes: postgres://user:password@host:5432/name, a database that is empty; or the path of a
                  SQLite file that is not there yet.
  --from URL      Where it is, if not in that of DATABASE_URL.
  --replace-nul   Texts from before 1.2 can have U+0000, which PostgreSQL cannot hold: puts U+FFFD in its place.
  --json          Answers for machines.
  --help          Shows this.

Stop the API and every worker first: it refuses to run while anybody uses the database. All is copied in one transaction, and
compared row by row before it ends. When it fails, or is stopped, the registry is where it was, and you may run it
again. Afterwards the SQLite file has the name …-moved, and no process starts on what was left: set DATABASE_URL.
SECRET_KEY stays the same. docs/deployment.md, "More than one host", has the rest.`;

interface Moved {
  tables: Record<string, number>;
  left: string;
  duration_ms: number;
}

export const command: Command = async (commandArguments) => {
  const { values } = optionsOrExit(HELP, {
    args: commandArguments,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      'replace-nul': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (!values.to) exitWithMistake('--to URL is missing.');
  const [from, to] = [databaseUrl(values.from), databaseUrl(values.to)];
  if (from === to) exitWithMistake('--from and --to name the same database.');
  const moved = await move(from, to, values['replace-nul']);
  answer(values.json, moved, () => sentences(moved).join('\n'));
  return 0;
};

async function move(from: string, to: string, replaceNul: boolean): Promise<Moved> {
  const startedAt = systemClock.monotonicMs();
  await using source: Source = await (isPostgresUrl(from) ? postgresSource(from) : sqliteSource(from));
  await using target: Target = await (isPostgresUrl(to) ? postgresTarget(to) : sqliteTarget(to));
  const say = progress();
  const options = {
    replaceNul,
    onPage: (name: string, rows: number, doing: string) => say(() => `${name}: ${rows} rows ${doing} …`),
  };
  const sums = await source.read((pages) =>
    target.fill(systemClock.now(), async (trx, written) => {
      const filled = await firstFilled(trx);
      if (filled !== undefined) throw notEmpty(filled);
      return copyAll(pages, trx, written, options);
    }),
  );
  const left = await source.retire(isPostgresUrl(to) ? nameOf(to) : to, systemClock.now());
  return { tables: rowsOf(sums), left, duration_ms: Math.round(systemClock.monotonicMs() - startedAt) };
}

function notEmpty(name: string): Error {
  return new Error(
    `The database to move to is not empty: it has ${name}. A registry is moved into an empty one only. (Was an earlier move stopped at its very end? Then all is there: compare, and move the old database away yourself.)`,
  );
}

function rowsOf(sums: Sums): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).map(([name, { rows }]) => [name, rows]));
}

function sentences({ tables, left, duration_ms }: Moved): string[] {
  const rows = Object.entries(tables).filter(([, number]) => number > 0);
  return [
    table(['Table', 'Rows'], rows),
    '',
    `All of it is there and the same, in ${span(duration_ms)}.`,
    left,
    'Set DATABASE_URL to the new database everywhere, with the same SECRET_KEY, and start the API and the workers.',
  ];
}
