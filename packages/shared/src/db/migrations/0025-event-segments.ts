import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Events are found by user within segments of the log: those that come together share a few pages of the index, where each
 * user's own had a page for each user. The rows stay as they are.
 */
export const eventSegments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'drop index events_by_user',
  'create index events_by_segment on events (id / 1024, user_id)',
];
