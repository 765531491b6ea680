import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who there is, who may write to whom, and where it goes: read for every request, and seldom changed. */
const TABLES = ['users', 'api_keys', 'connections', 'friendships'] as const;
const CHANGES = ['insert', 'update', 'delete'] as const;
/** As in migration 0002, which says why it is random. */
const NEW_VERSION = 'random() & 0x1fffffffffffff';

/** Gives the table `directory` and its triggers the name that the code and the docs use. */
export const accessVersion: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const events = TABLES.flatMap((table) => CHANGES.map((change) => [table, change] as const));
    for (const [table, change] of events) {
      await sql.raw(`drop trigger ${table}_${change}_renews_directory`).execute(db);
    }
    await sql`alter table directory rename to access_version`.execute(db);
    for (const [table, change] of events) {
      await sql
        .raw(
          `create trigger ${table}_${change}_renews_access_version after ${change} on ${table}
            begin update access_version set version = ${NEW_VERSION}; end`,
        )
        .execute(db);
    }
  },
};
