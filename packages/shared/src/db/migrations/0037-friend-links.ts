import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Links that make two people friends, once. */
export const friendLinks: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table friend_links (
    id text primary key not null,
    token_hash blob not null,
    user_id text not null references users (id),
    created_at integer not null,
    expires_at integer not null
  ) without rowid`,
  'create unique index friend_links_by_token on friend_links (token_hash)',
  'create index friend_links_by_user on friend_links (user_id, id)',
];
