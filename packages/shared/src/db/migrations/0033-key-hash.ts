import type { SchemaChange } from '../words/schema-change.ts';

const INDEXES = [
  'create index messages_by_key_hash on messages (key_hash) where key_hash is not null',
  'drop index messages_by_idempotency_key',
  `create unique index messages_by_idempotency_key on messages (sender_id, idempotency_key)
    where idempotency_key is not null and key_hash is null`,
];

/**
 * Idempotency keys are found by a hash: an entry of the index takes a fifth of what sender and key took. Messages from before
 * have none, and stay in the old index, which ends with them.
 */
export const keyHash: SchemaChange = {
  sqlite: ['alter table messages add column key_hash integer', ...INDEXES],
  postgres: ['alter table messages add column key_hash bigint', ...INDEXES],
};
