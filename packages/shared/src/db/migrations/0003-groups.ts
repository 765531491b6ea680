import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const groups: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  // A deleted group keeps its row: the history and what is still owed name it.
  `create table groups (
    id text primary key not null,
    name text not null,
    description text,
    invite_only integer not null check (invite_only in (0, 1)),
    created_at integer not null,
    deleted_at integer
  ) without rowid`,
  `create unique index groups_by_name on groups (name collate nocase) where deleted_at is null`,

  `create table group_members (
    id text primary key not null,
    group_id text not null references groups (id),
    user_id text not null references users (id),
    role text not null check (role in ('owner', 'admin', 'member')),
    status text not null check (status in ('invited', 'active')),
    created_at integer not null,
    joined_at integer,
    check (status = 'active' or role = 'member'),
    check ((status = 'active') = (joined_at is not null))
  ) without rowid`,
  `create unique index group_members_by_user on group_members (user_id, group_id)`,
  `create index group_members_by_group on group_members (group_id)`,
  `create index group_members_active on group_members (group_id, user_id) where status = 'active'`,
  // The few who are told of every member that comes and goes.
  `create index group_members_in_charge on group_members (group_id, user_id) where role <> 'member'`,
  `create unique index group_members_owner on group_members (group_id) where role = 'owner'`,

  // Whether a message to a thousand is still owed to somebody is asked each time that a delivery of it ends.
  `drop index outbox_by_message`,
  `create index outbox_by_message on outbox (message_id, settled_at)`,
];
