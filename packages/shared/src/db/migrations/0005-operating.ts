import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const operating: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table users add column disabled_at integer`.execute(db);
    await sql`alter table api_keys add column secret_key_id text`.execute(db);
  },
};
