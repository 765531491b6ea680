import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';

/** Whether two people are active members of a group, and neither has blocked the other. */
export async function areCoMembers(
  db: Kysely<Schema>,
  groupId: string,
  one: string,
  other: string,
): Promise<boolean> {
  return (await both(db, groupId, one, other, one, other, one, other)).length > 0;
}

/** Uses group_members_by_user and friendships_by_pair. */
const both = statement<
  [groupId: string, one: string, other: string, one: string, other: string, one: string, other: string],
  { found: 1 }
>(
  ({ least, greatest }) => `
  select 1 as found from group_members as mine join group_members as theirs on theirs.group_id = mine.group_id
  where mine.group_id = ? and mine.user_id = ? and theirs.user_id = ?
    and mine.status = 'active' and theirs.status = 'active'
    and not exists (
      select 1 from friendships
      where user_a = ${least}(?, ?) and user_b = ${greatest}(?, ?) and friendships.status = 'blocked')`,
);
