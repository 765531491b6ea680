import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The public keys by which an agent is written to, and its messages are verified, from end to end. */
export const publicKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table connections add column public_keys_json text',
  'alter table connections add column public_keys_since integer',
];
