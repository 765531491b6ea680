import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What says why a delivery is not there yet: proofs of callback URLs, pauses of lanes by their cause, messages in bulk. */
export const delivery: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table connections add column registration integer not null default 1',
  'alter table connections add column proven_at integer',
  // Only an answer to a callback has a status: what was fetched from an inbox proves nothing about a URL.
  `update connections set proven_at = created_at where callback_url is not null and id in (
    select distinct outbox.connection_id from delivery_attempts join outbox on outbox.id = delivery_id
    where outcome = 'delivered' and status_code is not null)`,

  'alter table outbox add column bulk integer not null default 0',
  'alter table outbox add column cycle integer not null default 0',
  'alter table outbox add column first_delivered_at integer',
  'drop index outbox_pending',
  `create index outbox_pending on outbox (connection_id, bulk, due_at) where state = 'pending'`,

  'alter table lanes add column bulk_ready_at integer',
  'alter table lanes add column asked_until integer not null default 0',
  'alter table lanes add column trouble_since integer',
  'alter table lanes add column trouble_until integer not null default 0',
  'alter table lanes add column troubles integer not null default 0',
  'alter table lanes add column failing_day integer not null default 0',
  'alter table lanes add column failing_days integer not null default 0',
  'alter table lanes add column unproven_since integer not null default 0',
  'alter table lanes add column unproven_attempts integer not null default 0',
  'alter table lanes add column unproven_until integer not null default 0',
  'create index lanes_bulk_ready on lanes (bulk_ready_at) where bulk_ready_at is not null',
  'create index lanes_in_trouble on lanes (trouble_since) where trouble_since is not null',
];
