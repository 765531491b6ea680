import { TEXT } from '../../words/text.ts';

/** Who may talk to whom, and on which conditions. */
export const RELATIONS: readonly string[] = [
  `create table friendships (
    id ${TEXT} primary key,
    user_a ${TEXT} not null references users (id),
    user_b ${TEXT} not null references users (id),
    requester_id ${TEXT} not null,
    status ${TEXT} not null check (status in ('pending', 'accepted', 'blocked')),
    blocked_by_a integer not null default 0,
    blocked_by_b integer not null default 0,
    created_at bigint not null,
    since bigint not null,
    check (user_a < user_b),
    check ((status = 'blocked') = (blocked_by_a <> 0 or blocked_by_b <> 0))
  )`,
  'create unique index friendships_by_pair on friendships (user_a, user_b)',
  'create index friendships_by_user_a on friendships (user_a, status, id)',
  'create index friendships_by_user_b on friendships (user_b, status, id)',
  `create index friendships_requested on friendships (requester_id) where status = 'pending'`,
  // A user's own blocks, however many others have blocked them.
  'create index friendships_blocked_by_a on friendships (user_a, id) where blocked_by_a = 1',
  'create index friendships_blocked_by_b on friendships (user_b, id) where blocked_by_b = 1',

  // Each of two friends gives the other their own: nobody widens what another's policies allow.
  `create table friend_roles (
    friendship_id ${TEXT} not null references friendships (id) on delete cascade,
    owner_id ${TEXT} not null references users (id),
    role ${TEXT} not null,
    primary key (friendship_id, owner_id, role)
  )`,

  // A deleted group keeps its row: the history and what is still owed name it.
  `create table groups (
    id ${TEXT} primary key,
    name ${TEXT} not null,
    description ${TEXT},
    invite_only integer not null check (invite_only in (0, 1)),
    created_at bigint not null,
    deleted_at bigint,
    removed_at bigint
  )`,
  'create unique index groups_by_name on groups (lower(name)) where deleted_at is null',
  'create index groups_ended_by_name on groups (lower(name)) where deleted_at is not null',

  `create table group_members (
    id ${TEXT} primary key,
    group_id ${TEXT} not null references groups (id),
    user_id ${TEXT} not null references users (id),
    role ${TEXT} not null check (role in ('owner', 'admin', 'member')),
    status ${TEXT} not null check (status in ('invited', 'active')),
    created_at bigint not null,
    joined_at bigint,
    invited_by ${TEXT},
    check (status = 'active' or role = 'member'),
    check ((status = 'active') = (joined_at is not null))
  )`,
  'create unique index group_members_by_user on group_members (user_id, group_id)',
  'create index group_members_by_group on group_members (group_id)',
  `create index group_members_active on group_members (group_id, user_id) where status = 'active'`,
  // The few who are told of every member that comes and goes.
  `create index group_members_in_charge on group_members (group_id, user_id) where role <> 'member'`,
  `create unique index group_members_owner on group_members (group_id) where role = 'owner'`,
  `create index group_members_invited_by on group_members (invited_by) where status = 'invited'`,
  `create index group_members_owned on group_members (user_id) where role = 'owner'`,
  `create index group_members_joined on group_members (user_id) where status = 'active'`,

  `create table policies (
    id ${TEXT} primary key,
    user_id ${TEXT} not null references users (id),
    scope ${TEXT} not null check (scope in ('global', 'user', 'role', 'group')),
    target_id ${TEXT},
    evaluator ${TEXT} not null check (evaluator in ('structured', 'heuristic', 'llm')),
    effect ${TEXT} not null check (effect in ('allow', 'ask', 'deny')),
    direction ${TEXT},
    resource ${TEXT},
    action ${TEXT},
    content ${TEXT} not null,
    priority integer not null check (priority between 0 and 100),
    enabled integer not null check (enabled in (0, 1)),
    source ${TEXT} not null,
    effective_from bigint,
    expires_at bigint,
    max_uses bigint check (max_uses > 0),
    remaining_uses bigint check (remaining_uses between 0 and max_uses),
    derived_from_message_id ${TEXT},
    learning_provenance_json ${TEXT},
    created_at bigint not null,
    updated_at bigint,
    check ((scope = 'global') = (target_id is null)),
    check ((max_uses is null) = (remaining_uses is null))
  )`,
  'create index policies_by_user on policies (user_id)',
  'create index policies_by_target on policies (user_id, scope, target_id)',
  // Of a group they are the group's, whoever wrote them.
  `create index policies_by_group on policies (target_id) where scope = 'group'`,
  'create index policies_by_expiry on policies (expires_at) where expires_at is not null',
  'create index policies_used_up on policies (updated_at) where remaining_uses = 0',
];
