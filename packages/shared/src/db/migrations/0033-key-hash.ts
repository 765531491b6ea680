import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Idempotency keys are found by a hash: an entry of the index takes a fifth of what sender and key took. Messages from before
 * have none, and stay in the old index, which ends with them.
 */
export const keyHash: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table messages add column key_hash integer',
  'create index messages_by_key_hash on messages (key_hash) where key_hash is not null',
  'drop index messages_by_idempotency_key',
  `create unique index messages_by_idempotency_key on messages (sender_id, idempotency_key)
    where idempotency_key is not null and key_hash is null`,
];
