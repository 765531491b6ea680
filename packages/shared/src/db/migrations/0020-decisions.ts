import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What was decided about messages before they are sent, and what is held or was denied: none of it is a message yet. */
export const decisions: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table decisions (
    message_id text primary key not null,
    sender_id text not null references users (id),
    sender_connection_id text,
    sender_agent text not null,
    recipient_type text not null check (recipient_type in ('user', 'group')),
    recipient_id text not null,
    recipient text not null,
    group_id text,
    origin text not null check (origin in ('agent', 'registry')),
    resolution_id text not null,
    idempotency_key text,
    request_hash blob not null,
    direction text not null,
    resource text not null,
    action text not null,
    decision text not null check (decision in ('allow', 'ask', 'deny')),
    delivery_mode text not null
      check (delivery_mode in ('full_send', 'review_required', 'hold_for_approval', 'blocked')),
    state text not null check (state in (
      'allowed', 'review_required', 'approval_pending', 'denied', 'rejected', 'expired', 'sent')),
    body text,
    context text,
    send_json text,
    winning_policy_id text,
    reason_code text not null,
    summary text,
    audit_json text,
    stored_bytes integer not null,
    created_at integer not null,
    expires_at integer,
    settled_at integer,
    check ((state = 'sent') = (body is null))
  )`,
  'create unique index decisions_by_resolution on decisions (sender_id, resolution_id)',
  `create unique index decisions_by_key on decisions (sender_id, origin, idempotency_key)
    where idempotency_key is not null`,
  // Lists, and what a user has stored: without a look at what became a message.
  `create index decisions_unsent on decisions (sender_id, state, message_id, stored_bytes) where state <> 'sent'`,
  `create index decisions_by_expiry on decisions (expires_at) where expires_at is not null`,
  // What was sent more than a minute after its id was given out, by when: ids do not show that it is new.
  `create index decisions_sent_late on decisions (sender_id, settled_at)
    where state = 'sent' and settled_at > created_at + 60000`,
  `create index decisions_received_late on decisions (recipient_id, settled_at)
    where state = 'sent' and settled_at > created_at + 60000`,
  // What was rejected, however long the history is.
  `create index messages_rejected on messages (sender_id, id) where status = 'rejected'`,
];
