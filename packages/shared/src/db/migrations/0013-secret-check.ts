import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Tells which SECRET_KEY the database belongs to; filled by the first process that starts with the right one. */
export const secretCheck: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw('create table secret_check (id integer primary key check (id = 1), sealed blob not null) strict')
      .execute(db);
  },
};
