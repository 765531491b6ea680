import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The name of a group that has ended is never given out again, whoever ended it: history would show another group under it. */
export const groupNames: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'drop index groups_removed_by_name',
  // Not unique: until now a name was free again when its group was deleted.
  'create index groups_ended_by_name on groups (name collate nocase) where deleted_at is not null',
];
