import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Environment, loadSettings, processEnvironment } from '@mahilo/shared/config/load';
import { serverOptions } from '@mahilo/shared/config/server-options';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import { openExisting } from '@mahilo/shared/db/open';
import type { ServerOptions } from '@mahilo/shared/db/postgres/options';
import { SetupError } from '@mahilo/shared/errors';
import { isPostgresUrl } from '@mahilo/shared/postgres-url';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { type KeyRing, keyRing } from '@mahilo/shared/sealing/key-ring';
import { exitWithMistake } from './command-line.ts';

/** Where `npm start` keeps the secret that it creates. */
export const DEVELOPMENT_SECRET_FILE = 'data/dev-secret-key';

/** The settings of the processes. In development this finds the secret of `npm start` by itself. */
export function settings(): Settings {
  return loadSettings(withDevelopmentSecret(processEnvironment()));
}

function withDevelopmentSecret(environment: Environment): Environment {
  return usesDevelopmentSecret(environment) && existsSync(DEVELOPMENT_SECRET_FILE)
    ? { ...environment, SECRET_KEY_FILE: DEVELOPMENT_SECRET_FILE }
    : environment;
}

/** Whether the secret is the one that `npm start` creates: in development, when none is given. */
export function usesDevelopmentSecret({ SECRET_KEY, SECRET_KEY_FILE, NODE_ENV }: Environment): boolean {
  return !SECRET_KEY && !SECRET_KEY_FILE && NODE_ENV !== 'production';
}

/**
 * The database, for tools that need neither a secret nor correct other settings: the absolute path of a file, or a URL.
 * `given` comes from the command line.
 */
export function databaseUrl(given?: string): string {
  const url = settingsWithoutSecret({
    DATABASE_URL: given ?? processEnvironment()['DATABASE_URL'],
  }).DATABASE_URL;
  return isPostgresUrl(url) ? url : resolve(url);
}

/** The same for tools that work on a SQLite file. @throws SetupError when it is none; `instead` says what to do then. */
export function databaseFile(given: string | undefined, instead: string): string {
  const url = databaseUrl(given);
  if (!isPostgresUrl(url)) return url;
  throw new SetupError(`This tool is for SQLite, and the database is on a PostgreSQL server. ${instead}`);
}

/** How to use the database if it is on a server. */
export function databaseOptions(): ServerOptions {
  const { DATABASE_POOL, DATABASE_PREPARE, DATABASE_LISTEN_URL } = processEnvironment();
  return serverOptions(settingsWithoutSecret({ DATABASE_POOL, DATABASE_PREPARE, DATABASE_LISTEN_URL }));
}

/** Where people reach the registry, as an origin; on this machine when PUBLIC_URL does not say. */
export function registryOrigin(): string {
  const { PUBLIC_URL: url, PORT: port } = processEnvironment();
  const { PUBLIC_URL, PORT } = settingsWithoutSecret({ PUBLIC_URL: url, PORT: port });
  return PUBLIC_URL ?? `http://localhost:${PORT}`;
}

/** Some settings, whatever the others are. */
function settingsWithoutSecret(given: Environment): Settings {
  return loadSettings({ SECRET_KEY: 'not needed, and long enough to be one', ...given });
}

/** Runs `use` with the existing database; never creates one and never changes its schema. */
export async function withDatabase<T>(path: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openExisting(path, databaseOptions());
  try {
    return await use(db);
  } finally {
    await db.close();
  }
}

/**
 * Like {@link withDatabase}, for tools that write with the keys of SECRET_KEY.
 * @throws SetupError when that is not the secret of this database.
 */
export async function withKeyedDatabase<T>(use: (db: Database, keys: KeyRing) => Promise<T>): Promise<T> {
  const given = settings();
  const keys = keyRing(given);
  return withDatabase(given.DATABASE_URL, async (db) => {
    await assertSecretRight(db, keys, systemRandom);
    return use(db, keys);
  });
}

/** The value of an option that is a count, from 1. */
export function wholeNumber(option: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) {
    exitWithMistake(`${option} must be a whole number from 1, but it is "${given}".`);
  }
  return Number(given);
}
