import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * People at a browser: their sessions, and two ways to one. None of these tables renews the access version: a session is
 * looked up for each request, so that nobody's sign-in makes every process forget what it knows.
 */
export const browserSessions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table sessions (
    id text primary key not null,
    token_hash blob not null,
    user_id text not null references users (id),
    key_id text,
    way text not null check (way in ('api_key', 'agent', 'link')),
    browser text not null,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null
  ) without rowid`,
  'create unique index sessions_by_token on sessions (token_hash)',
  'create index sessions_by_user on sessions (user_id, last_used_at)',
  'create index sessions_by_key on sessions (key_id) where key_id is not null',

  // Without a reference to users: an attempt for a name that nobody has must look like any other.
  `create table browser_logins (
    id text primary key not null,
    token_hash blob not null,
    username text not null,
    user_id text,
    network text not null,
    code text not null,
    browser text not null,
    created_at integer not null,
    expires_at integer not null,
    approved_at integer,
    approved_by_key text,
    denied_at integer,
    redeemed_at integer
  ) without rowid`,
  'create index browser_logins_by_name on browser_logins (username, expires_at)',
  'create index browser_logins_by_expiry on browser_logins (expires_at)',

  `create table sign_in_links (
    token_hash blob primary key not null,
    user_id text not null references users (id),
    created_at integer not null,
    expires_at integer not null
  ) without rowid`,
  'create index sign_in_links_by_user on sign_in_links (user_id)',
];
