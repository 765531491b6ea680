import { TEXT } from '../../words/text.ts';

/** These rows change soon after they were written: room on their pages, and a vacuum that comes in time, keep them small. */
const CHANGING = 'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000';

/**
 * What is said, decided, owed and told. Messages, deliveries, events and lanes refer to no user and no connection, which are never
 * deleted: each reference costs a lock and a look-up for every row.
 */
export const MESSAGES: readonly string[] = [
  `create table messages (
    id ${TEXT} primary key,
    arrival bigint not null generated always as identity,
    sender_id ${TEXT} not null,
    sender_username ${TEXT} not null,
    sender_agent ${TEXT} not null,
    sender_connection_id ${TEXT},
    recipient_type ${TEXT} not null check (recipient_type in ('user', 'group')),
    recipient_id ${TEXT} not null,
    recipient ${TEXT} not null,
    body ${TEXT} not null,
    payload_type ${TEXT} not null,
    encryption_json ${TEXT},
    sender_signature_json ${TEXT},
    context ${TEXT},
    correlation_id ${TEXT},
    in_response_to ${TEXT},
    status ${TEXT} not null check (status in ('pending', 'delivered', 'failed', 'rejected')),
    rejection_reason ${TEXT},
    idempotency_key ${TEXT},
    request_hash bytea,
    created_at bigint not null,
    delivered_at bigint,
    stored_bytes bigint,
    erased_at bigint,
    check ((idempotency_key is null) = (request_hash is null))
  ) with (fillfactor = 80, ${CHANGING})`,
  // Summed up without a look at the messages.
  'create index messages_by_sender on messages (sender_id, id, stored_bytes)',
  `create unique index messages_by_idempotency_key on messages (sender_id, idempotency_key)
    where idempotency_key is not null`,
  `create index messages_rejected on messages (sender_id, id) where status = 'rejected'`,
  `create index messages_answers on messages (in_response_to, recipient_id, sender_id)
    where in_response_to is not null and rejection_reason is null`,

  `create table decisions (
    message_id ${TEXT} primary key,
    sender_id ${TEXT} not null references users (id),
    sender_connection_id ${TEXT},
    sender_agent ${TEXT} not null,
    recipient_type ${TEXT} not null check (recipient_type in ('user', 'group')),
    recipient_id ${TEXT} not null,
    recipient ${TEXT} not null,
    group_id ${TEXT},
    origin ${TEXT} not null check (origin in ('agent', 'registry')),
    resolution_id ${TEXT} not null,
    idempotency_key ${TEXT},
    request_hash bytea not null,
    direction ${TEXT} not null,
    resource ${TEXT} not null,
    action ${TEXT} not null,
    decision ${TEXT} not null check (decision in ('allow', 'ask', 'deny')),
    delivery_mode ${TEXT} not null
      check (delivery_mode in ('full_send', 'review_required', 'hold_for_approval', 'blocked')),
    state ${TEXT} not null check (state in (
      'allowed', 'review_required', 'approval_pending', 'denied', 'rejected', 'expired', 'sent')),
    body ${TEXT},
    context ${TEXT},
    send_json ${TEXT},
    winning_policy_id ${TEXT},
    reason_code ${TEXT} not null,
    summary ${TEXT},
    audit_json ${TEXT},
    stored_bytes bigint not null,
    created_at bigint not null,
    expires_at bigint,
    settled_at bigint,
    check ((state = 'sent') = (body is null))
  )`,
  'create unique index decisions_by_resolution on decisions (sender_id, resolution_id)',
  `create unique index decisions_by_key on decisions (sender_id, origin, idempotency_key)
    where idempotency_key is not null`,
  // Lists, and what a user has stored: without a look at what became a message.
  `create index decisions_unsent on decisions (sender_id, state, message_id, stored_bytes) where state <> 'sent'`,
  'create index decisions_by_expiry on decisions (expires_at) where expires_at is not null',
  // What was sent more than a minute after its id was given out, by when: ids do not show that it is new.
  `create index decisions_sent_late on decisions (sender_id, settled_at)
    where state = 'sent' and settled_at > created_at + 60000`,
  `create index decisions_received_late on decisions (recipient_id, settled_at)
    where state = 'sent' and settled_at > created_at + 60000`,

  `create table outbox (
    id ${TEXT} primary key,
    message_id ${TEXT} references messages (id),
    event_id bigint check ((event_id is null) = (message_id is not null)),
    recipient_id ${TEXT} not null,
    connection_id ${TEXT} not null,
    state ${TEXT} not null check (state in ('pending', 'leased', 'delivered', 'failed', 'cancelled')),
    attempts bigint not null default 0,
    attempts_before_cycle bigint not null default 0,
    cycle bigint not null default 0,
    bulk integer not null default 0,
    first_delivered_at bigint,
    due_at bigint not null,
    lease_token ${TEXT},
    lease_owner ${TEXT},
    lease_expires_at bigint,
    last_error ${TEXT},
    created_at bigint not null,
    settled_at bigint,
    check ((state = 'leased') = (lease_token is not null)),
    check ((state = 'leased') = (lease_expires_at is not null)),
    check ((state in ('delivered', 'failed', 'cancelled')) = (settled_at is not null))
  ) with (fillfactor = 70, ${CHANGING})`,
  'create index outbox_by_message on outbox (message_id, settled_at)',
  'create index outbox_by_recipient on outbox (recipient_id, message_id)',
  // Partial, so that what is settled costs the queue nothing, however much of it is kept.
  `create index outbox_pending on outbox (connection_id, bulk, due_at) where state = 'pending'`,
  `create index outbox_leased on outbox (connection_id, lease_expires_at) where state = 'leased'`,
  `create index outbox_failed on outbox (connection_id, created_at) where state = 'failed'`,
  `create index outbox_events_owed on outbox (connection_id, event_id)
    where event_id is not null and settled_at is null`,
  `create index outbox_events_settled on outbox (state, settled_at)
    where event_id is not null and settled_at is not null`,

  `create table delivery_attempts (
    delivery_id ${TEXT} not null references outbox (id),
    attempt bigint not null,
    started_at bigint not null,
    duration_ms bigint not null,
    outcome ${TEXT} not null,
    status_code bigint,
    error ${TEXT},
    response_excerpt ${TEXT},
    primary key (delivery_id, attempt)
  )`,

  `create table lanes (
    connection_id ${TEXT} primary key,
    ready_at bigint,
    bulk_ready_at bigint,
    full_until bigint not null default 0,
    paused_until bigint not null default 0,
    asked_until bigint not null default 0,
    trouble_until bigint not null default 0,
    trouble_since bigint,
    troubles bigint not null default 0,
    unproven_until bigint not null default 0,
    unproven_since bigint not null default 0,
    unproven_attempts bigint not null default 0,
    failures bigint not null default 0,
    failing_since bigint,
    failing_day bigint not null default 0,
    failing_days bigint not null default 0,
    warned_at bigint,
    last_seen bigint
  ) with (fillfactor = 50, ${CHANGING}, autovacuum_vacuum_cost_delay = 0)`,
  'create index lanes_ready on lanes (ready_at) where ready_at is not null',
  'create index lanes_bulk_ready on lanes (bulk_ready_at) where bulk_ready_at is not null',
  'create index lanes_in_trouble on lanes (trouble_since) where trouble_since is not null',

  `create table events (
    id bigint primary key generated by default as identity,
    user_id ${TEXT} not null,
    type ${TEXT} not null,
    data_json ${TEXT} not null,
    created_at bigint not null
  )`,
  'create index events_by_segment on events ((id / 1024), user_id)',

  `create table event_subscriptions (
    connection_id ${TEXT} primary key references connections (id),
    user_id ${TEXT} not null references users (id),
    arguments_json ${TEXT} not null,
    agent_id ${TEXT},
    events_after bigint not null,
    has_gap integer not null default 0 check (has_gap in (0, 1)),
    expires_at bigint not null
  )`,
  'create index event_subscriptions_by_user on event_subscriptions (user_id)',
  'create index event_subscriptions_by_expiry on event_subscriptions (expires_at)',

  'create table event_fan_out (id bigint primary key check (id = 1), position bigint not null)',
  'insert into event_fan_out values (1, 0)',
];
