import type { Generated } from 'kysely';
import type { AttemptOutcome } from '../attempt-outcomes.ts';

/**
 * The tables, as Kysely sees them. Times are integer milliseconds since the epoch, ids are TypeIDs, columns named
 * `*_json` hold JSON text.
 */
export interface Schema {
  access_version: AccessVersionTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  browser_logins: BrowserLoginsTable;
  sign_in_links: SignInLinksTable;
  invites: InvitesTable;
  connections: ConnectionsTable;
  friendships: FriendshipsTable;
  friend_roles: FriendRolesTable;
  friend_links: FriendLinksTable;
  group_links: GroupLinksTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  policies: PoliciesTable;
  decisions: DecisionsTable;
  messages: MessagesTable;
  outbox: OutboxTable;
  delivery_attempts: DeliveryAttemptsTable;
  lanes: LanesTable;
  events: EventsTable;
  event_subscriptions: EventSubscriptionsTable;
  event_fan_out: EventFanOutTable;
  audit: AuditTable;
  workers: WorkersTable;
  secret_check: SecretCheckTable;
  stats_minutes: StatsMinutesTable;
}

/** One row. Triggers renew it with every change of users, API keys, connections and friendships. */
interface AccessVersionTable {
  /** Random and never repeated: what was read under a version is valid while that version stands here. */
  version: number;
}

interface UsersTable {
  id: string;
  /** In lower case: usernames are case-insensitive. */
  username: string;
  display_name: string | null;
  created_at: number;
  /** Since when the operator has disabled this user; null: not disabled. */
  disabled_at: number | null;
  /** When the account was deleted. The row stays, since a name is never assigned again. The user is disabled, too. */
  deleted_at: number | null;
  /** Since when this user may be the operator at a browser; null: never. See `accounts/operators.ts`. */
  operator_since: Generated<number | null>;
}

/** What a key may do; see api `access/scopes.ts`. */
export type KeyScope = 'all' | 'read' | 'agent';

/** A user can have several. */
interface ApiKeysTable {
  /** The public part of the key. */
  id: string;
  user_id: string;
  name: string;
  scope: KeyScope;
  /** With scope `agent`: the connection that the key is for. */
  connection_id: string | null;
  /** Keyed hash of the whole key; see `accounts/api-key.ts`. */
  hash: Buffer;
  /** Which secret the hash was made under: `DerivedKeys.id` of `sealing/key-ring.ts`. */
  secret_key_id: string | null;
  created_at: number;
  /** Recorded at most once an hour; null until then. */
  last_used_at: number | null;
  /** When it expires; null: never. */
  expires_at: number | null;
}

/** How somebody signed in: with an API key, by a code that one of their agents approved, or with the operator's link. */
export type SignInWay = 'api_key' | 'agent' | 'link';

/** Somebody who is signed in at a browser; see `accounts/sessions.ts`. */
interface SessionsTable {
  id: string;
  /** SHA-256 of the token in the cookie, which has too many random bits to guess. */
  token_hash: Buffer;
  user_id: string;
  /** The API key that signed in, or whose agent approved it: the session ends with the key. Null: neither. */
  key_id: string | null;
  way: SignInWay;
  /** What kind of browser, in words of ours. */
  browser: string;
  /** When they signed in. */
  created_at: number;
  /** Recorded at most once an hour. */
  last_used_at: number;
  /** The latest end, however much it is used. */
  expires_at: number;
  /** 1: of an operator, who came with a link for operators. */
  is_operator: Generated<number>;
}

/** Somebody at a browser who waits for an agent of theirs to approve a code; see api `browser-login/`. */
interface BrowserLoginsTable {
  id: string;
  /** SHA-256 of what the browser must show to go on. */
  token_hash: Buffer;
  /** As it was typed, in lower case. */
  username: string;
  /** Null: nobody has that name. */
  user_id: string | null;
  /** The client address that asked, or the network around it. */
  network: string;
  code: string;
  browser: string;
  created_at: number;
  expires_at: number;
  approved_at: number | null;
  /** The API key of the agent that approved it. */
  approved_by_key: string | null;
  denied_at: number | null;
  redeemed_at: number | null;
}

/** Lets a person sign in once, by a link that the operator made; deleted when it is used. */
interface SignInLinksTable {
  /** SHA-256 of the token, which has too many random bits to guess. */
  token_hash: Buffer;
  user_id: string;
  created_at: number;
  expires_at: number;
  /** 1: it signs in as the operator. */
  is_operator: Generated<number>;
}

/** Lets a person register while `REGISTRATION` is `invite`; see `accounts/invites.ts`. */
interface InvitesTable {
  id: string;
  /** SHA-256 of the token, which has too many random bits to guess. */
  token_hash: Buffer;
  note: string | null;
  /** How many people may register with it. */
  uses: number;
  /** How many have registered. */
  used: number;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
}

export type ConnectionMode = 'callback' | 'polling';
export type ConnectionStatus = 'active' | 'inactive' | 'suspended' | 'deleted';

interface ConnectionsTable {
  id: string;
  user_id: string;
  framework: string;
  label: string;
  description: string | null;
  capabilities_json: string;
  routing_priority: number;
  mode: ConnectionMode;
  /** The client’s own word for callback mode; null: ours. */
  mode_word: Generated<'webhook' | null>;
  callback_url: string | null;
  /** Sealed by `sealing/seal.ts`; null while it polls, and once deleted. */
  callback_secret: Buffer | null;
  /** After a rotation the old secret signs too, until `previous_secret_expires_at`. */
  previous_secret: Buffer | null;
  previous_secret_expires_at: number | null;
  /** The receiver's own headers, as JSON, sealed like the secrets; null: none. */
  callback_headers: Generated<Buffer | null>;
  /** Whose form the body has; null: ours. */
  callback_format: Generated<'openclaw' | null>;
  public_key: string | null;
  public_key_alg: string | null;
  /** A JWK Set (RFC 7517) of at most one key to encrypt and one to verify with; null: none. See api `agents/public-keys.ts`. */
  public_keys_json: Generated<string | null>;
  /** When they last changed, or were removed; null: there never were any. */
  public_keys_since: Generated<number | null>;
  /** A deleted connection keeps its row, so that the history can still name it. */
  status: ConnectionStatus;
  /** Counts registrations: an attempt says nothing about a later registration. */
  registration: Generated<number>;
  /** When the callback URL first answered a signed callback with 2xx; null: the URL may be a stranger's. */
  proven_at: Generated<number | null>;
  /** Of a subscription, the name of the events that it gets instead of messages; null: an agent. */
  event_name: Generated<string | null>;
  /** Since when the operator holds its deliveries back; null: not held. */
  held_at: Generated<number | null>;
  /** Why, for its owner to read. */
  held_reason: Generated<string | null>;
  created_at: number;
}

export type FriendshipStatus = 'pending' | 'accepted' | 'blocked';

/** One row for each pair of users, `user_a` < `user_b`. */
interface FriendshipsTable {
  id: string;
  user_a: string;
  user_b: string;
  requester_id: string;
  status: FriendshipStatus;
  blocked_by_a: number;
  blocked_by_b: number;
  created_at: number;
  /** When `status` last changed. */
  since: number;
}

/** What a user calls a friend; the friend has no part in it. */
interface FriendRolesTable {
  friendship_id: string;
  /** Whose word it is. */
  owner_id: string;
  role: string;
}

/** Makes whoever has it and the user friends, once; deleted when it is used. See api `friends/friend-links.ts`. */
interface FriendLinksTable {
  id: string;
  /** SHA-256 of the token, which has too many random bits to guess. */
  token_hash: Buffer;
  user_id: string;
  created_at: number;
  expires_at: number;
}

interface GroupLinksTable {
  id: string;
  /** SHA-256 of the token, which has too many random bits to guess. */
  token_hash: Buffer;
  group_id: string;
  /** Who made it. It counts while they are in charge of the group. */
  user_id: string;
  /** Never 0: who uses it last deletes it. */
  uses_left: number;
  created_at: number;
  expires_at: number;
}

interface GroupsTable {
  id: string;
  /**
   * Ignoring case, unique among existing groups, and no new group gets one that another had. It never changes, so that
   * all attempts of a callback name the same group.
   */
  name: string;
  description: string | null;
  invite_only: number;
  created_at: number;
  /** A deleted group has no members and no description, and keeps its row for the history. */
  deleted_at: number | null;
  /** When the operator removed it. */
  removed_at: number | null;
}

export type GroupRole = 'owner' | 'admin' | 'member';
export type MembershipStatus = 'invited' | 'active';

/** One row for each member or invitation, deleted when the membership ends. A group has exactly one owner. */
interface GroupMembersTable {
  id: string;
  group_id: string;
  user_id: string;
  role: GroupRole;
  status: MembershipStatus;
  created_at: number;
  /** Null while invited. */
  joined_at: number | null;
  /** Who has invited them; null when nobody has, or for invitations from before this column. */
  invited_by: string | null;
}

export type PolicyScope = 'global' | 'user' | 'role' | 'group';
/** `structured` and `heuristic` have rules, `llm` a prompt. */
export type PolicyEvaluator = 'structured' | 'heuristic' | 'llm';
export type PolicyEffect = 'allow' | 'ask' | 'deny';

interface PoliciesTable {
  id: string;
  /** Who wrote it. A policy of a group belongs to the group and binds all its members. */
  user_id: string;
  scope: PolicyScope;
  target_id: string | null;
  evaluator: PolicyEvaluator;
  effect: PolicyEffect;
  /** What kind of message it is for; null: any. See api `policies/selectors.ts`. */
  direction: string | null;
  resource: string | null;
  action: string | null;
  /** Rules as JSON text, or a prompt; see api `policies/content.ts`. */
  content: string;
  priority: number;
  enabled: number;
  /** Why it is there. `legacy_migrated`: from before policies had effects. */
  source: string;
  effective_from: number | null;
  expires_at: number | null;
  /** How often it may decide, and how often it still may; null: without end. */
  max_uses: number | null;
  remaining_uses: number | null;
  derived_from_message_id: string | null;
  learning_provenance_json: string | null;
  created_at: number;
  /** When it was last changed or used up; null: never. */
  updated_at: number | null;
}

export type Decision = 'allow' | 'ask' | 'deny';
export type DeliveryMode = 'full_send' | 'review_required' | 'hold_for_approval' | 'blocked';
/**
 * `allowed` waits for its sender to send it, `review_required` and `approval_pending` for a person who decides. Of what was
 * `sent` the table of messages knows more.
 */
export type DecisionState =
  | 'allowed'
  | 'review_required'
  | 'approval_pending'
  | 'denied'
  | 'rejected'
  | 'expired'
  | 'sent';

/** What was decided about a message before it is sent. The message itself is written when it is sent, under the same id. */
interface DecisionsTable {
  /** The id that the message has, or would have. */
  message_id: string;
  sender_id: string;
  sender_connection_id: string | null;
  sender_agent: string;
  recipient_type: RecipientType;
  recipient_id: string;
  /** As answers show it: a username, or a group id. */
  recipient: string;
  /** The group through which the sender reaches a member who need be no friend. */
  group_id: string | null;
  /** Who decided: the sender's agent (`plugin/local-decisions/commit`), or the registry itself. */
  origin: 'agent' | 'registry';
  resolution_id: string;
  /** Of the request that the decision came with. Messages have a key space of their own. */
  idempotency_key: string | null;
  /** SHA-256 of what must be the same when it is sent; see api `decisions/request-hash.ts`. */
  request_hash: Buffer;
  direction: string;
  resource: string;
  action: string;
  decision: Decision;
  delivery_mode: DeliveryMode;
  state: DecisionState;
  /** What the message says, and the rest of the request to send it; null once it was sent. */
  body: string | null;
  context: string | null;
  send_json: string | null;
  /** The policy that decided, if one did; one of its uses is taken. */
  winning_policy_id: string | null;
  reason_code: string;
  summary: string | null;
  /** How it was decided, for the sender to see; null once it was sent. */
  audit_json: string | null;
  /** What it counts towards the bound on what its sender may store. */
  stored_bytes: number;
  created_at: number;
  /** When what waits is given up; null: nothing waits. */
  expires_at: number | null;
  /** When it was sent or closed; null: it waits, or was denied at once. */
  settled_at: number | null;
}

export type MessageStatus = 'pending' | 'delivered' | 'failed' | 'rejected';
export type RecipientType = 'user' | 'group';

interface MessagesTable {
  id: string;
  sender_id: string;
  sender_username: string;
  sender_agent: string;
  sender_connection_id: string | null;
  recipient_type: RecipientType;
  recipient_id: string;
  /** As answers show it: a username, or a group id. */
  recipient: string;
  body: string;
  payload_type: string;
  encryption_json: string | null;
  sender_signature_json: string | null;
  context: string | null;
  correlation_id: string | null;
  in_response_to: string | null;
  status: MessageStatus;
  rejection_reason: string | null;
  idempotency_key: string | null;
  /** What finds the idempotency key; see api `messages/idempotency.ts`. Null without one, and in messages from before. */
  key_hash: Generated<number | null>;
  /** SHA-256 of the request: tells a repetition from another request under the same idempotency key. */
  request_hash: Buffer | null;
  created_at: number;
  delivered_at: number | null;
  /** What it counts towards the bound on what its sender may store; null: nothing. */
  stored_bytes: number | null;
  /** When its sender or the operator erased its content. */
  erased_at: number | null;
}

export type OutboxState = 'pending' | 'leased' | 'delivered' | 'failed' | 'cancelled';

/** One row for each delivery owed: message × recipient connection, or event × subscription. */
interface OutboxTable {
  id: string;
  message_id: string | null;
  /** The event, where it is no message. The event itself may have been pruned. */
  event_id: Generated<number | null>;
  recipient_id: string;
  connection_id: string;
  state: OutboxState;
  /** Attempts over all cycles. */
  attempts: number;
  /** Attempts before the current cycle: a resend starts a new one with its full number of retries. */
  attempts_before_cycle: Generated<number>;
  /** Cycles after the first one; each was asked for. */
  cycle: Generated<number>;
  /** 1 for a message to a group: single messages go first. */
  bulk: Generated<number>;
  /** When an earlier cycle delivered it; null: none did. */
  first_delivered_at: number | null;
  due_at: number;
  lease_token: string | null;
  lease_owner: string | null;
  lease_expires_at: number | null;
  last_error: string | null;
  created_at: number;
  settled_at: number | null;
}

interface DeliveryAttemptsTable {
  delivery_id: string;
  /** 1-based. */
  attempt: number;
  started_at: number;
  duration_ms: number;
  outcome: AttemptOutcome;
  status_code: number | null;
  error: string | null;
  response_excerpt: string | null;
}

/**
 * One row for each connection that was ever owed a delivery. Workers look up what is due by lane and not in one
 * sorted list of rows, so that a long backlog of one destination costs the others nothing.
 */
interface LanesTable {
  connection_id: string;
  /** When a worker should look at this lane next; null: nothing is owed. `outbox/lanes.ts` derives it. */
  ready_at: number | null;
  /** The same for messages to groups: single messages go first. */
  bulk_ready_at: Generated<number | null>;
  /** All slots are taken until then, unless a delivery is settled earlier; 0: there is room. */
  full_until: number;
  /** The circuit breaker holds the lane back until then; 0: closed. */
  paused_until: Generated<number>;
  /** Until when the agent asked to wait (`Retry-After`); 0: it did not. */
  asked_until: Generated<number>;
  /** The registry's own trouble holds the lane back until then. */
  trouble_until: Generated<number>;
  /** When the registry's own trouble with this lane began; null: there is none. */
  trouble_since: Generated<number | null>;
  /** How often in a row that trouble occurred. */
  troubles: Generated<number>;
  /** Until then, a lane whose callback URL is unproven has used its attempts of this minute. */
  unproven_until: Generated<number>;
  /** When the minute of counting these attempts began, and how many there were. */
  unproven_since: Generated<number>;
  unproven_attempts: Generated<number>;
  /** Failed attempts since the last success. */
  failures: number;
  /** When the current run of failures began. */
  failing_since: number | null;
  /** The last day on which an attempt failed (days since the epoch). */
  failing_day: Generated<number>;
  /** The days of failures without a success, as bits: 1 is `failing_day`, 2 the day before, and so on for five days. */
  failing_days: Generated<number>;
  /** When the owner was warned that the agent is failing; once for each run of failures. */
  warned_at: number | null;
  /** When the agent last took a delivery or answered a ping. */
  last_seen: number | null;
}

export type EventType =
  | 'message_received'
  | 'delivery_status'
  | 'friend_request'
  | 'friend_accepted'
  | 'group_invite'
  | 'group_join'
  | 'group_leave'
  | 'agent_seen'
  | 'agent_failing'
  | 'agent_suspended'
  | 'review_required'
  | 'review_closed'
  | 'key_changed';

interface EventsTable {
  id: Generated<number>;
  user_id: string;
  type: EventType;
  data_json: string;
  created_at: number;
}

/** What a connection with an `event_name` subscribes to; deleted when the subscription ends. */
interface EventSubscriptionsTable {
  connection_id: string;
  user_id: string;
  /** See `subscriptions/wanted.ts`. */
  arguments_json: string;
  /** Whose key subscribed, with scope `agent`: only events of this connection. */
  agent_id: string | null;
  /** Only events with a larger id. */
  events_after: number;
  /** 1 when events were left out since its client last asked: too much is owed to it. */
  has_gap: Generated<number>;
  expires_at: number;
}

/** One row: the last event of the log whose deliveries are in the outbox. */
interface EventFanOutTable {
  id: number;
  position: number;
}

/** Append-only: triggers refuse changes. */
interface AuditTable {
  id: Generated<number>;
  created_at: number;
  actor_type: 'user' | 'operator';
  /** A user's id, or an operator's name on the machine. */
  actor: string;
  /** See `audit/append.ts`. */
  action: string;
  subject: string;
  details_json: string | null;
}

/** The delivery processes that are alive; see worker `worker-membership.ts`. */
interface WorkersTable {
  id: string;
  started_at: number;
  heartbeat_at: number;
}

/** One row: which secret the database belongs to; see `rotation/secret-check.ts`. */
interface SecretCheckTable {
  id: number;
  sealed: Buffer;
}

/** What a process has counted in about a minute, which ended at `at`; see `stats/recorder.ts`. */
interface StatsMinutesTable {
  at: number;
  process: string;
  accepted: number;
  delivered: number;
  failed: number;
  attempts: number;
  requests: number;
  /** Requests refused with 401, with 429, and those that failed (5xx). */
  unauthorized: number;
  limited: number;
  errors: number;
  /** How often a first attempt came within so many seconds, and a callback took so many: counts by upper bounds. */
  waits_json: string | null;
  callbacks_json: string | null;
}
