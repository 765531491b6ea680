import type { Kysely } from 'kysely';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';

/** How much of something a user has. Counts no further than `atMost`, which bounds its cost. */
export type Usage = (db: Kysely<Schema>, userId: string, atMost: number) => Promise<number>;

interface Counted {
  used: number;
}

/** Uses api_keys_by_user. */
const keys = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from api_keys where user_id = ? limit ?) as counted`);

/** Uses connections_by_name. */
const agents = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (
    select 1 from connections where user_id = ? and status <> 'deleted' and event_name is null limit ?) as counted`);

/** Uses event_subscriptions_by_user. */
const subscriptions = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from event_subscriptions where user_id = ? limit ?) as counted`);

/** Uses group_members_owned. */
const groups = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from group_members where user_id = ? and role = 'owner' limit ?) as counted`);

/** Uses group_members_joined. */
const memberships = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from group_members where user_id = ? and status = 'active' limit ?) as counted`);

/** Uses friendships_requested. */
const friendRequests = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (
    select 1 from friendships where requester_id = ? and status = 'pending' limit ?) as counted`);

/** Uses group_members_invited_by. */
const invitations = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (
    select 1 from group_members where invited_by = ? and status = 'invited' limit ?) as counted`);

/** Uses friend_links_by_user. */
const friendLinks = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from friend_links where user_id = ? limit ?) as counted`);

/** Uses group_links_by_user. */
const groupLinks = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from group_links where user_id = ? limit ?) as counted`);

/** Uses friendships_blocked_by_a and friendships_blocked_by_b. */
const blocks = statement<[userA: string, userB: string, atMost: number], Counted>(`
  select count(*) as used from (
    select 1 from friendships where user_a = ? and blocked_by_a = 1
    union all select 1 from friendships where user_b = ? and blocked_by_b = 1 limit ?) as counted`);

/** Uses decisions_unsent. */
const decisions = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from decisions where sender_id = ? and state <> 'sent' limit ?) as counted`);

/** Uses policies_by_user. */
const policies = statement<[userId: string, atMost: number], Counted>(`
  select count(*) as used from (select 1 from policies where user_id = ? limit ?) as counted`);

/** Uses policies_by_user. */
const policyBytes = statement<[userId: string], Counted>(`
  select coalesce(sum(octet_length(content)), 0) as used from policies where user_id = ?`);

const first = (rows: readonly Counted[]): number => rows[0]?.used ?? 0;

/** What the database counts, by the name of its bound. */
export const USAGE = {
  keys_per_user: async (db, userId, atMost) => first(await keys(db, userId, atMost)),
  agents_per_user: async (db, userId, atMost) => first(await agents(db, userId, atMost)),
  subscriptions_per_user: async (db, userId, atMost) => first(await subscriptions(db, userId, atMost)),
  groups_per_user: async (db, userId, atMost) => first(await groups(db, userId, atMost)),
  memberships_per_user: async (db, userId, atMost) => first(await memberships(db, userId, atMost)),
  requests_per_user: async (db, userId, atMost) =>
    first(await friendRequests(db, userId, atMost)) + first(await invitations(db, userId, atMost)),
  friend_links_per_user: async (db, userId, atMost) => first(await friendLinks(db, userId, atMost)),
  group_links_per_user: async (db, userId, atMost) => first(await groupLinks(db, userId, atMost)),
  blocks_per_user: async (db, userId, atMost) => first(await blocks(db, userId, userId, atMost)),
  decisions_per_user: async (db, userId, atMost) => first(await decisions(db, userId, atMost)),
  policies_per_user: async (db, userId, atMost) => first(await policies(db, userId, atMost)),
  policy_bytes_per_user: async (db, userId) => first(await policyBytes(db, userId)),
} as const satisfies Record<string, Usage>;

export type CountedBound = keyof typeof USAGE;

export const COUNTED_BOUNDS = Object.keys(USAGE) as CountedBound[];
