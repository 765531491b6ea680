import { TEXT } from '../../words/text.ts';

/** Who there is, how they sign in, and where their agents are. */
export const PEOPLE: readonly string[] = [
  `create table users (
    id ${TEXT} primary key,
    username ${TEXT} not null unique check (username = lower(username)),
    display_name ${TEXT},
    created_at bigint not null,
    disabled_at bigint,
    deleted_at bigint
  )`,

  `create table connections (
    id ${TEXT} primary key,
    user_id ${TEXT} not null references users (id),
    framework ${TEXT} not null,
    label ${TEXT} not null,
    description ${TEXT},
    capabilities_json ${TEXT} not null,
    routing_priority bigint not null,
    mode ${TEXT} not null check (mode in ('callback', 'polling')),
    mode_word ${TEXT} check (mode_word in ('webhook')),
    callback_url ${TEXT},
    callback_secret bytea,
    previous_secret bytea,
    previous_secret_expires_at bigint,
    callback_headers bytea,
    callback_format ${TEXT} check (callback_format in ('openclaw')),
    public_key ${TEXT},
    public_key_alg ${TEXT},
    public_keys_json ${TEXT},
    public_keys_since bigint,
    status ${TEXT} not null check (status in ('active', 'inactive', 'suspended', 'deleted')),
    registration bigint not null default 1,
    proven_at bigint,
    event_name ${TEXT},
    created_at bigint not null,
    check (status = 'deleted' or mode = 'polling' or (callback_url is not null and callback_secret is not null))
  )`,
  `create unique index connections_by_name on connections (user_id, framework, label) where status <> 'deleted'`,
  // The connection that takes a message, if nothing is hinted at, is the first of a user here.
  `create index connections_by_rank on connections (user_id, status, routing_priority desc, created_at, id)
    where status <> 'deleted'`,
  'create index connections_of_events on connections (user_id, status) where event_name is not null',

  `create table api_keys (
    id ${TEXT} primary key,
    user_id ${TEXT} not null references users (id),
    name ${TEXT} not null,
    scope ${TEXT} not null check (scope in ('all', 'read', 'agent')),
    connection_id ${TEXT} references connections (id),
    hash bytea not null,
    secret_key_id ${TEXT},
    created_at bigint not null,
    last_used_at bigint,
    expires_at bigint,
    check ((scope = 'agent') = (connection_id is not null))
  )`,
  'create index api_keys_by_user on api_keys (user_id, created_at)',
  'create index api_keys_by_connection on api_keys (connection_id) where connection_id is not null',

  `create table sessions (
    id ${TEXT} primary key,
    token_hash bytea not null,
    user_id ${TEXT} not null references users (id),
    key_id ${TEXT},
    way ${TEXT} not null check (way in ('api_key', 'agent', 'link')),
    browser ${TEXT} not null,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null
  )`,
  'create unique index sessions_by_token on sessions (token_hash)',
  'create index sessions_by_user on sessions (user_id, last_used_at)',
  'create index sessions_by_key on sessions (key_id) where key_id is not null',

  // Without a reference to users: an attempt for a name that nobody has must look like any other.
  `create table browser_logins (
    id ${TEXT} primary key,
    token_hash bytea not null,
    username ${TEXT} not null,
    user_id ${TEXT},
    network ${TEXT} not null,
    code ${TEXT} not null,
    browser ${TEXT} not null,
    created_at bigint not null,
    expires_at bigint not null,
    approved_at bigint,
    approved_by_key ${TEXT},
    denied_at bigint,
    redeemed_at bigint
  )`,
  'create index browser_logins_by_name on browser_logins (username, expires_at)',
  'create index browser_logins_by_expiry on browser_logins (expires_at)',

  `create table sign_in_links (
    token_hash bytea primary key,
    user_id ${TEXT} not null references users (id),
    created_at bigint not null,
    expires_at bigint not null
  )`,
  'create index sign_in_links_by_user on sign_in_links (user_id)',

  `create table invites (
    id ${TEXT} primary key,
    token_hash bytea not null unique,
    note ${TEXT},
    uses bigint not null check (uses >= 1),
    used bigint not null default 0 check (used between 0 and uses),
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
  )`,
];
