import { BOUNDS, type BoundName, NEAR } from '@mahilo/shared/bounds/bounds';
import { owedBySender } from '@mahilo/shared/bounds/owed';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/database';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import { count } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, note } = findingsOf('bounds');

/** Most users to name for each bound. */
const NAMED = 5;
const ADVICE =
  'docs/limits.md says what happens then, and which setting raises it. Is it a mistake of their agents, or somebody who means harm? `users disable` shuts them out.';

/** The users who have 80 % or more of a bound. */
export async function examineBounds(db: Database, settings: Settings | undefined): Promise<Finding[]> {
  if (settings === undefined) return [];
  const findings: Finding[] = [];
  for (const [name, usersFromBound] of USERS_FROM) {
    const limit = BOUNDS[name].limit(settings);
    const near = await usersFromBound(db.kysely, Math.ceil(NEAR * limit), NAMED + 1);
    if (near.length === 0) continue;
    const named = near.slice(0, NAMED).map(({ username, used }) => `${username} ${used} of ${limit}`);
    const others = near.length > NAMED ? ', and others' : '';
    const who = near.length > NAMED ? `More than ${NAMED} users have` : haveOf(near.length);
    findings.push(
      note(`${who} 80 % or more of ${BOUNDS[name].setting}: ${named.join(', ')}${others}.`, ADVICE),
    );
  }
  return findings.length > 0 ? findings : [ok('Nobody is near a bound of docs/limits.md.')];
}

function haveOf(users: number): string {
  return `${count(users, 'user')} ${users === 1 ? 'has' : 'have'}`;
}

interface UserNear {
  username: string;
  used: number;
}

/** Users who have at least `from` of something, those with most of it first. */
type UsersFrom = (db: Kysely<Schema>, from: number, limit: number) => Promise<UserNear[]>;

/** Reads a whole index: a tool may take the time. */
const usersFrom = (rows: string, used = 'count(*)', userId = 'user_id'): UsersFrom =>
  statement<[from: number, limit: number], UserNear>(`
    select users.username, near.used
    from (select ${userId} as user_id, ${used} as used from ${rows} group by ${userId} having ${used} >= ?) as near
    join users on users.id = near.user_id order by near.used desc limit ?`);

const usernameOf = statement<[id: string], { username: string }>('select username from users where id = ?');

async function sendersWhoOwe(db: Kysely<Schema>, from: number, limit: number): Promise<UserNear[]> {
  const owed = await owedBySender(db, { pageRows: 1000, goOn: async () => true });
  const most = [...(owed ?? [])]
    .filter(([, used]) => used >= from)
    .sort(([, one], [, other]) => other - one)
    .slice(0, limit);
  const near: UserNear[] = [];
  for (const [id, used] of most) {
    const [user] = await usernameOf(db, id);
    near.push({ username: user?.username ?? id, used });
  }
  return near;
}

const REQUESTS = `(
  select requester_id as user_id from friendships where status = 'pending'
  union all select invited_by from group_members where status = 'invited' and invited_by is not null) as requests`;

const BLOCKS = `(
  select user_a as user_id from friendships where blocked_by_a = 1
  union all select user_b from friendships where blocked_by_b = 1) as blocks`;

/** All bounds that count rows of the database. */
const USERS_FROM: readonly (readonly [BoundName, UsersFrom])[] = [
  ['keys_per_user', usersFrom('api_keys')],
  ['agents_per_user', usersFrom("connections where status <> 'deleted'")],
  ['groups_per_user', usersFrom("group_members where role = 'owner'")],
  ['memberships_per_user', usersFrom("group_members where status = 'active'")],
  ['requests_per_user', usersFrom(REQUESTS)],
  ['blocks_per_user', usersFrom(BLOCKS)],
  ['policies_per_user', usersFrom('policies')],
  ['policy_bytes_per_user', usersFrom('policies', 'sum(octet_length(content))')],
  ['stored_bytes_per_user', usersFrom('messages', 'sum(stored_bytes)', 'sender_id')],
  ['owed_per_user', sendersWhoOwe],
];
