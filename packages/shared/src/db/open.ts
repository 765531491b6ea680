import { isPostgresUrl } from '../postgres-url.ts';
import type { Database, Durability } from './database.ts';
import type { Opener } from './open-postgres.ts';
import { openExistingSqlite, openSqlite } from './open-sqlite.ts';
import type { ServerOptions } from './postgres/options.ts';
import { HERE, type UpgradeSurroundings } from './upgrade.ts';

/**
 * Opens the database that DATABASE_URL names, a SQLite file or one of a PostgreSQL server, and brings its schema up to date.
 * Several processes may do so at once. What was accepted for somebody must be durable `at once`.
 * @throws SetupError when only a person can mend what is wrong.
 */
export async function openDatabase(
  url: string,
  durability: Durability = 'at once',
  surroundings: UpgradeSurroundings = HERE,
  options: ServerOptions = {},
): Promise<Database> {
  return isPostgresUrl(url)
    ? openServer(url, 'process', surroundings, options)
    : openSqlite(url, durability, surroundings);
}

/** As {@link openDatabase} does, for a tool: it waits for no server that cannot be reached. */
export async function openUpgraded(url: string, options: ServerOptions = {}): Promise<Database> {
  return isPostgresUrl(url) ? openServer(url, 'upgrading tool', HERE, options) : openSqlite(url);
}

/**
 * Opens a database for a tool that runs beside the processes. Creates none and leaves the schema as it is.
 * @throws Error with a sentence for a person when there is no database, or this code has another schema.
 */
export async function openExisting(url: string, options: ServerOptions = {}): Promise<Database> {
  return isPostgresUrl(url) ? openServer(url, 'tool', HERE, options) : openExistingSqlite(url);
}

/** Who uses SQLite pays neither time nor memory for a driver of PostgreSQL. */
async function openServer(
  url: string,
  opener: Opener,
  surroundings: UpgradeSurroundings,
  options: ServerOptions,
): Promise<Database> {
  const { openPostgres } = await import('./open-postgres.ts');
  return openPostgres(url, opener, surroundings, options);
}
