import { statement } from '@mahilo/shared/db/statement';

export interface UserSize {
  id: string;
  username: string;
  messages: number;
  /** Of the messages they sent that still exist. */
  stored_bytes: number;
  disabled_at: number | null;
}

/** The users who have stored most. Reads the whole of messages_by_sender: a tool may take the time. */
export const usersBySize = statement<[limit: number], UserSize>(`
  select users.id, username, sizes.messages, sizes.stored_bytes, disabled_at
  from (
    select sender_id, count(*) as messages, coalesce(sum(stored_bytes), 0) as stored_bytes from messages
    group by sender_id order by 3 desc limit ?) as sizes
  join users on users.id = sizes.sender_id order by sizes.stored_bytes desc, username`);

export interface UserDetails {
  id: string;
  username: string;
  display_name: string | null;
  created_at: number;
  disabled_at: number | null;
  deleted_at: number | null;
  operator_since: number | null;
  keys: number;
  agents: number;
  friends: number;
  groups: number;
  messages: number;
  stored_bytes: number;
}

/** A user, with how much they have. Uses indexes by user for each count. */
export const userDetails = statement<[userId: string], UserDetails>(`
  select id, username, display_name, created_at, disabled_at, deleted_at, operator_since,
    (select count(*) from api_keys where user_id = users.id) as keys,
    (select count(*) from connections where user_id = users.id and status <> 'deleted' and event_name is null) as agents,
    (select count(*) from friendships where user_a = users.id and status = 'accepted')
      + (select count(*) from friendships where user_b = users.id and status = 'accepted') as friends,
    (select count(*) from group_members where user_id = users.id) as groups,
    (select count(*) from messages where sender_id = users.id) as messages,
    (select coalesce(sum(stored_bytes), 0) from messages where sender_id = users.id) as stored_bytes
  from users where id = ?`);

export interface GroupSize {
  id: string;
  name: string;
  owner: string | null;
  members: number;
  created_at: number;
  deleted_at: number | null;
  removed_at: number | null;
}

const GROUP = `groups.id, name, groups.created_at, deleted_at, removed_at,
  (select username from group_members join users on users.id = user_id
    where group_id = groups.id and role = 'owner') as owner`;

/** The groups with the most members and invited people. Reads the whole of group_members_by_group. */
export const groupsBySize = statement<[limit: number], GroupSize>(`
  select ${GROUP}, sizes.members
  from (select group_id, count(*) as members from group_members group by group_id order by 2 desc limit ?) as sizes
  join groups on groups.id = sizes.group_id order by sizes.members desc, name`);

/** A group by its id, or an existing group by its name. Uses the primary key and groups_by_name. */
export const groupDetails = statement<[id: string, name: string], GroupSize>(
  ({ equalsIgnoringCase }) => `
  select ${GROUP}, (select count(*) from group_members where group_id = groups.id) as members
  from groups where groups.id = ?
  union all
  select ${GROUP}, (select count(*) from group_members where group_id = groups.id) as members
  from groups where ${equalsIgnoringCase('name').join('?')} and deleted_at is null limit 1`,
);

export interface MessageSize {
  id: string;
  sender: string;
  recipient: string;
  recipient_type: string;
  status: string;
  payload_type: string;
  /** Of the text and its context. */
  bytes: number;
  deliveries: number;
  created_at: number;
  erased_at: number | null;
}

const MESSAGE = `id, sender_username as sender, recipient, recipient_type, status, payload_type, created_at, erased_at,
  octet_length(body) + coalesce(octet_length(context), 0) as bytes,
  (select count(*) from outbox where message_id = messages.id) as deliveries`;

/** The largest messages, with their deliveries. Reads the whole of messages_by_sender. */
export const messagesBySize = statement<[limit: number], MessageSize>(`
  select ${MESSAGE} from messages
  where id in (select id from messages order by stored_bytes desc nulls last limit ?)
  order by stored_bytes desc nulls last, id`);

/** A message without its content. Uses the primary key. */
export const messageDetails = statement<[id: string], MessageSize>(`
  select ${MESSAGE} from messages where id = ?`);
