import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** How much a message takes, for the bound on what a user may store. Those from before take nothing, until they are pruned. */
export const storedBytes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table messages add column stored_bytes integer').execute(db);
    // Summed up without a look at the messages; that it is in the index costs a send a few bytes and no page.
    await sql.raw('drop index messages_by_sender').execute(db);
    await sql.raw('create index messages_by_sender on messages (sender_id, id, stored_bytes)').execute(db);
  },
};
