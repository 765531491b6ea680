import { BOUNDS, NEAR } from '@mahilo/shared/bounds/bounds';
import { COUNTED_BOUNDS, type CountedBound } from '@mahilo/shared/bounds/usage';
import type { Settings } from '@mahilo/shared/config/settings';
import type { Database } from '@mahilo/shared/db/open';
import { statement } from '@mahilo/shared/db/statement';
import { count } from '../format.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, note } = findingsOf('bounds');

/** Users named for each bound. */
const NAMED = 5;
const ADVICE =
  'docs/limits.md says what happens then, and which setting raises it. Is it a mistake of their agents, or somebody who means harm? `users disable` shuts them out.';

/** Who has 80 % or more of what a user may have. */
export async function examineBounds(db: Database, settings: Settings | undefined): Promise<Finding[]> {
  if (settings === undefined) return [];
  const findings: Finding[] = [];
  for (const name of COUNTED_BOUNDS) {
    const limit = BOUNDS[name].limit(settings);
    const near = await USERS_FROM[name](db.kysely, Math.ceil(NEAR * limit), NAMED + 1);
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

/** Reads an index from one end to the other: a tool may take the time. */
const usersFrom = (rows: string, used = 'count(*)') =>
  statement<[from: number, limit: number], UserNear>(`
    select users.username, near.used
    from (select user_id, ${used} as used from ${rows} group by user_id having ${used} >= ?) as near
    join users on users.id = near.user_id order by near.used desc limit ?`);

const REQUESTS = `(
  select requester_id as user_id from friendships where status = 'pending'
  union all select invited_by from group_members where status = 'invited' and invited_by is not null)`;

const USERS_FROM: Readonly<Record<CountedBound, ReturnType<typeof usersFrom>>> = {
  agents_per_user: usersFrom("connections where status <> 'deleted'"),
  groups_per_user: usersFrom("group_members where role = 'owner'"),
  memberships_per_user: usersFrom("group_members where status = 'active'"),
  requests_per_user: usersFrom(REQUESTS),
  policies_per_user: usersFrom('policies'),
  policy_bytes_per_user: usersFrom('policies', 'sum(octet_length(content))'),
};
