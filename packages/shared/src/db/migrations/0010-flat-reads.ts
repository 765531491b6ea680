import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Indexes for what was found by looking through all that a user has. None is written by a send. */
export const flatReads: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  // The connection that takes a message, if nothing is hinted at, is the first of a user here.
  `create index connections_by_rank on connections (user_id, status, routing_priority desc, created_at, id)
    where status <> 'deleted'`,
  // A user's own blocks, however many others have blocked them.
  'create index friendships_blocked_by_a on friendships (user_a, id) where blocked_by_a = 1',
  'create index friendships_blocked_by_b on friendships (user_b, id) where blocked_by_b = 1',
];
