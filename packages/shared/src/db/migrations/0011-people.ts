import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Accounts, groups and messages can be removed: their rows are emptied, marked and kept; and who did what is written down. */
export const people: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table users add column deleted_at integer',
  'alter table messages add column erased_at integer',
  // The operator's removal, beside deleted_at.
  'alter table groups add column removed_at integer',
  // The names that are never given out again.
  'create index groups_removed_by_name on groups (name collate nocase) where removed_at is not null',

  `create table audit (
    id integer primary key autoincrement,
    created_at integer not null,
    actor_type text not null check (actor_type in ('user', 'operator')),
    actor text not null,
    action text not null,
    subject text not null,
    details_json text
  )`,
  'create index audit_by_time on audit (created_at)',
  `create trigger audit_is_never_changed before update on audit
    begin select raise(abort, 'The audit trail is append-only.'); end`,
  `create trigger audit_is_kept_for_a_year before delete on audit
    when old.created_at > (unixepoch() - 365 * 86400) * 1000
    begin select raise(abort, 'The audit trail is kept for a year.'); end`,
];
