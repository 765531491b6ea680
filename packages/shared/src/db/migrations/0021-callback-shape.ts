import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a callback looks like for receivers that want a token, or a body of their own. */
export const callbackShape: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table connections add column callback_headers blob',
  `alter table connections add column callback_format text check (callback_format in ('openclaw'))`,
];
