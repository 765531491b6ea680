import { appendFileSync } from 'node:fs';

/** The server on which tests keep their databases, as a URL; undefined when they use SQLite. */
export function postgresServer(): string | undefined {
  return process.env['TEST_DATABASE_URL'];
}

/** The file in which each test that is left out writes why, for the summary of the run. */
const LEFT_OUT = process.env['TESTS_LEFT_OUT'];

/** Options of a test that says something of SQLite alone: on PostgreSQL it is skipped, and told as such with the reason. */
export function sqliteOnly(why: string): { skip: string | false } {
  if (postgresServer() === undefined) return { skip: false };
  leaveOut(why);
  return { skip: `only with SQLite: ${why}` };
}

/** What the tests of a file have in common that says something of SQLite alone. */
export class OnlyWithSqlite extends Error {
  override name = 'OnlyWithSqlite';
}

/**
 * To be called first in a file whose tests all say something of SQLite alone: on PostgreSQL none of them is run.
 * @throws OnlyWithSqlite there, which the runner tells as a skipped test.
 */
export function onlyWithSqlite(why: string): void {
  if (postgresServer() === undefined) return;
  leaveOut(why);
  throw new OnlyWithSqlite(why);
}

function leaveOut(why: string): void {
  if (LEFT_OUT !== undefined) appendFileSync(LEFT_OUT, `${why}\n`);
}
