import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Invites to register, and what counts that which a user may have only so much of. */
export const bounds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table invites (
    id text primary key not null,
    token_hash blob not null unique,
    note text,
    uses integer not null check (uses >= 1),
    used integer not null default 0 check (used between 0 and uses),
    created_at integer not null,
    expires_at integer not null,
    revoked_at integer
  ) without rowid`,

  // Of invitations from before nobody knows who sent them: they count for nobody.
  `alter table group_members add column invited_by text`,
  `create index group_members_invited_by on group_members (invited_by) where status = 'invited'`,
  `create index group_members_owned on group_members (user_id) where role = 'owner'`,
  `create index group_members_joined on group_members (user_id) where status = 'active'`,
  `create index friendships_requested on friendships (requester_id) where status = 'pending'`,
];
