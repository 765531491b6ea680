import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Subscriptions to events (MCP Events): connections of their own, and deliveries that are owed of an event and no message. */
export const eventSubscriptions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  'alter table outbox alter column message_id drop not null',
  'alter table outbox add column event_id integer check ((event_id is null) = (message_id is not null))',
  // What a subscription is owed, in the order of the log. Partial, like the next one, so that messages pay nothing.
  `create index outbox_events_owed on outbox (connection_id, event_id)
    where event_id is not null and settled_at is null`,
  `create index outbox_events_settled on outbox (state, settled_at)
    where event_id is not null and settled_at is not null`,

  // What a connection is for, if not for messages. It keeps it after its end: the row serves the next subscription.
  'alter table connections add column event_name text',
  `create index connections_of_events on connections (user_id, status) where event_name is not null`,

  // Apart from connections, whose every change renews the access version: a refresh must not empty all caches.
  `create table event_subscriptions (
    connection_id text primary key not null references connections (id),
    user_id text not null references users (id),
    arguments_json text not null,
    agent_id text,
    events_after integer not null,
    has_gap integer not null default 0 check (has_gap in (0, 1)),
    expires_at integer not null
  ) without rowid`,
  'create index event_subscriptions_by_user on event_subscriptions (user_id)',
  'create index event_subscriptions_by_expiry on event_subscriptions (expires_at)',

  // How far the log has been gone through for subscriptions.
  'create table event_fan_out (id integer primary key check (id = 1), position integer not null) strict',
  'insert into event_fan_out select 1, coalesce(max(id), 0) from events',
];
