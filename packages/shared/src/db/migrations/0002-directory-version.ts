import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who there is, who may write to whom, and where it goes: read for every request, and seldom changed. */
const TABLES = ['users', 'api_keys', 'connections', 'friendships'] as const;
const CHANGES = ['insert', 'update', 'delete'] as const;

/**
 * Random, and not a counter: a transaction that is undone takes its version back, and what was read under that must never
 * be taken for what a later one has written. 53 bits, which is what a number in JavaScript holds.
 */
const NEW_VERSION = 'random() & 0x1fffffffffffff';

export const directoryVersion: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('create table directory (version integer not null)').execute(db);
    await sql.raw(`insert into directory (version) values (${NEW_VERSION})`).execute(db);
    for (const table of TABLES) {
      for (const change of CHANGES) {
        await sql
          .raw(
            `create trigger ${table}_${change}_renews_directory after ${change} on ${table}
              begin update directory set version = ${NEW_VERSION}; end`,
          )
          .execute(db);
      }
    }
  },
};
