import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Operators at a browser: who may be one, which sessions are theirs, the agents that they hold, and the traffic that they see. */
export const operators: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table users add column operator_since integer',
  'alter table sessions add column is_operator integer not null default 0',
  'alter table sign_in_links add column is_operator integer not null default 0',
  'alter table connections add column held_at integer',
  'alter table connections add column held_reason text',
  `create table stats_minutes (
    at integer not null,
    process text not null,
    accepted integer not null,
    delivered integer not null,
    failed integer not null,
    attempts integer not null,
    requests integer not null,
    unauthorized integer not null,
    limited integer not null,
    errors integer not null,
    waits_json text,
    callbacks_json text,
    primary key (at, process)
  ) without rowid`,
  'create index users_disabled on users (username) where disabled_at is not null',
];
