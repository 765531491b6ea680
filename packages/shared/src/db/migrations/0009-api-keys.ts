import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** As in migration 0002, which says why it is random. */
const NEW_VERSION = 'random() & 0x1fffffffffffff';
/** When a key was last used decides nothing: noting it must not make every process forget what it knows. */
const DECISIVE = 'id, user_id, hash, scope, connection_id, expires_at';

/** Several keys for one user. SQLite cannot drop the old `unique`, so the table is written anew. */
export const apiKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table new_api_keys (
    id text primary key not null,
    user_id text not null references users (id),
    name text not null,
    scope text not null check (scope in ('all', 'read', 'agent')),
    connection_id text references connections (id),
    hash blob not null,
    secret_key_id text,
    created_at integer not null,
    last_used_at integer,
    expires_at integer,
    check ((scope = 'agent') = (connection_id is not null))
  ) without rowid`,
  `insert into new_api_keys (id, user_id, name, scope, hash, secret_key_id, created_at)
    select id, user_id, 'default', 'all', hash, secret_key_id, created_at from api_keys`,
  'drop table api_keys',
  'alter table new_api_keys rename to api_keys',
  'create index api_keys_by_user on api_keys (user_id, created_at)',
  'create index api_keys_by_connection on api_keys (connection_id) where connection_id is not null',
  ...['insert', `update of ${DECISIVE}`, 'delete'].map(
    (
      change,
    ) => `create trigger api_keys_${change.split(' ')[0]}_renews_access_version after ${change} on api_keys
      begin update access_version set version = ${NEW_VERSION}; end`,
  ),
];
