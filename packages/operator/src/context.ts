import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Environment, loadSettings, processEnvironment } from '@mahilo/shared/config/load';
import type { Settings } from '@mahilo/shared/config/settings';
import { type Database, openExisting } from '@mahilo/shared/db/open';
import { systemRandom } from '@mahilo/shared/random';
import { assertSecretRight } from '@mahilo/shared/rotation/secret-check';
import { type KeyRing, keyRing } from '@mahilo/shared/sealing/key-ring';
import { exitWithMistake } from './command-line.ts';

/** Where `npm start` keeps the secret it makes. */
export const DEVELOPMENT_SECRET_FILE = 'data/dev-secret-key';

/** The settings of the processes. In development the secret that `npm start` made is found without being named. */
export function settings(): Settings {
  return loadSettings(withDevelopmentSecret(processEnvironment()));
}

function withDevelopmentSecret(environment: Environment): Environment {
  return usesDevelopmentSecret(environment) && existsSync(DEVELOPMENT_SECRET_FILE)
    ? { ...environment, SECRET_KEY_FILE: DEVELOPMENT_SECRET_FILE }
    : environment;
}

/** Whether the secret is the one that `npm start` makes: in development, when none is given. */
export function usesDevelopmentSecret({ SECRET_KEY, SECRET_KEY_FILE, NODE_ENV }: Environment): boolean {
  return !SECRET_KEY && !SECRET_KEY_FILE && NODE_ENV !== 'production';
}

/**
 * The database file, for tools that need nothing else: neither a secret, nor that the other settings are right. `given`
 * is what the command line says.
 */
export function databaseFile(given?: string): string {
  const placeholder = { SECRET_KEY: 'not needed, and long enough to be one' };
  return resolve(
    given ??
      loadSettings({ ...placeholder, DATABASE_URL: processEnvironment()['DATABASE_URL'] }).DATABASE_URL,
  );
}

/** Runs `use` with the database that is there; never makes one, and never changes its schema. */
export async function withDatabase<T>(path: string, use: (db: Database) => Promise<T>): Promise<T> {
  const db = await openExisting(path);
  try {
    return await use(db);
  } finally {
    await db.close();
  }
}

/**
 * {@link withDatabase} for what writes with the keys of SECRET_KEY.
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

/** The value of an option that counts something, from 1. */
export function wholeNumber(option: string, given: string): number {
  if (!/^[1-9]\d{0,8}$/.test(given)) {
    exitWithMistake(`${option} must be a whole number from 1, but it is "${given}".`);
  }
  return Number(given);
}
