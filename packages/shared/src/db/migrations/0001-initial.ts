import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table users (
    id text primary key not null,
    username text not null unique check (username = lower(username)),
    display_name text,
    created_at integer not null
  ) without rowid`,

  `create table api_keys (
    id text primary key not null,
    user_id text not null unique references users (id),
    hash blob not null,
    created_at integer not null
  ) without rowid`,

  `create table connections (
    id text primary key not null,
    user_id text not null references users (id),
    framework text not null,
    label text not null,
    description text,
    capabilities_json text not null,
    routing_priority integer not null,
    mode text not null check (mode in ('callback', 'polling')),
    callback_url text,
    callback_secret blob,
    previous_secret blob,
    previous_secret_expires_at integer,
    public_key text,
    public_key_alg text,
    status text not null check (status in ('active', 'inactive', 'suspended', 'deleted')),
    created_at integer not null,
    check (status = 'deleted' or mode = 'polling' or (callback_url is not null and callback_secret is not null))
  ) without rowid`,
  `create unique index connections_by_name on connections (user_id, framework, label) where status <> 'deleted'`,

  `create table friendships (
    id text primary key not null,
    user_a text not null references users (id),
    user_b text not null references users (id),
    requester_id text not null,
    status text not null check (status in ('pending', 'accepted', 'blocked')),
    blocked_by_a integer not null default 0,
    blocked_by_b integer not null default 0,
    created_at integer not null,
    since integer not null,
    check (user_a < user_b),
    check ((status = 'blocked') = (blocked_by_a or blocked_by_b))
  ) without rowid`,
  `create unique index friendships_by_pair on friendships (user_a, user_b)`,
  `create index friendships_by_user_a on friendships (user_a, status, id)`,
  `create index friendships_by_user_b on friendships (user_b, status, id)`,

  `create table messages (
    id text primary key not null,
    sender_id text not null references users (id),
    sender_username text not null,
    sender_agent text not null,
    sender_connection_id text,
    recipient_type text not null check (recipient_type in ('user', 'group')),
    recipient_id text not null,
    recipient text not null,
    body text not null,
    payload_type text not null,
    encryption_json text,
    sender_signature_json text,
    context text,
    correlation_id text,
    in_response_to text,
    status text not null check (status in ('pending', 'delivered', 'failed', 'rejected')),
    rejection_reason text,
    idempotency_key text,
    request_hash blob,
    created_at integer not null,
    delivered_at integer,
    check ((idempotency_key is null) = (request_hash is null))
  )`,
  `create index messages_by_sender on messages (sender_id, id)`,
  `create unique index messages_by_idempotency_key on messages (sender_id, idempotency_key)
    where idempotency_key is not null`,

  `create table outbox (
    id text primary key not null,
    message_id text not null references messages (id),
    recipient_id text not null,
    connection_id text not null references connections (id),
    state text not null check (state in ('pending', 'leased', 'delivered', 'failed', 'cancelled')),
    attempts integer not null default 0,
    attempts_before_cycle integer not null default 0,
    due_at integer not null,
    lease_token text,
    lease_owner text,
    lease_expires_at integer,
    last_error text,
    created_at integer not null,
    settled_at integer,
    check ((state = 'leased') = (lease_token is not null)),
    check ((state = 'leased') = (lease_expires_at is not null)),
    check ((state in ('delivered', 'failed', 'cancelled')) = (settled_at is not null))
  ) without rowid`,
  `create index outbox_by_message on outbox (message_id)`,
  `create index outbox_by_recipient on outbox (recipient_id, message_id)`,
  // Partial, so that what is settled costs the queue nothing, however much of it is kept.
  `create index outbox_pending on outbox (connection_id, due_at) where state = 'pending'`,
  `create index outbox_leased on outbox (connection_id, lease_expires_at) where state = 'leased'`,

  // Dead letters, for their owner to find and recover.
  `create index outbox_failed on outbox (connection_id, created_at) where state = 'failed'`,

  `create table delivery_attempts (
    delivery_id text not null references outbox (id),
    attempt integer not null,
    started_at integer not null,
    duration_ms integer not null,
    outcome text not null,
    status_code integer,
    error text,
    response_excerpt text,
    primary key (delivery_id, attempt)
  ) without rowid`,

  `create table lanes (
    connection_id text primary key not null references connections (id),
    ready_at integer,
    full_until integer not null default 0,
    paused_until integer not null default 0,
    failures integer not null default 0,
    failing_since integer,
    warned_at integer,
    last_seen integer
  ) without rowid`,
  `create index lanes_ready on lanes (ready_at) where ready_at is not null`,

  `create table events (
    id integer primary key autoincrement,
    user_id text not null references users (id),
    type text not null,
    data_json text not null,
    created_at integer not null
  )`,
  `create index events_by_user on events (user_id, id)`,

  `create table workers (
    id text primary key not null,
    started_at integer not null,
    heartbeat_at integer not null
  ) without rowid`,
];
