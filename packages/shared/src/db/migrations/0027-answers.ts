import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The answers to a message, the first one first: an A2A task ends with it. Only answers are in this index, and none of its
 * columns ever changes.
 */
export const answers: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `create index messages_answers on messages (in_response_to, recipient_id, sender_id)
          where in_response_to is not null and rejection_reason is null`,
      )
      .execute(db);
  },
};
