import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The clients of today: their own word for callbacks, no secret where nothing is signed, and roles of friends. */
export const presentClients: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `alter table connections add column mode_word text check (mode_word in ('webhook'))`,
  `update connections set callback_secret = null, previous_secret = null, previous_secret_expires_at = null
    where mode = 'polling' and callback_secret is not null`,

  // Each of two friends gives the other their own: nobody widens what another's policies allow.
  `create table friend_roles (
    friendship_id text not null references friendships (id) on delete cascade,
    owner_id text not null references users (id),
    role text not null,
    primary key (friendship_id, owner_id, role)
  ) without rowid`,
];
