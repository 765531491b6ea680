import { statement } from '@mahilo/shared/db/statement';

/** A member of a group whom another one may reach. */
interface ReachableMember {
  id: string;
  username: string;
  /** What the other one calls this friend, with blanks between; null: nothing, or they are no friends. */
  roles: string | null;
}

/**
 * The active members of a group but one, without disabled people and those whom that one has blocked or is blocked by.
 * Uses group_members_active, friendships_by_pair, and the primary keys of users and friend_roles.
 */
export const reachableMembers = statement<
  [ownerId: string, ownerId: string, ownerId: string, groupId: string, ownerId: string],
  ReachableMember
>(
  ({ least, greatest }) => `
  select users.id, username, (
    select string_agg(role, ' ') from friend_roles where owner_id = ? and friendship_id = friendships.id
      and friendships.status = 'accepted') as roles
  from group_members as member
  join users on users.id = member.user_id and users.disabled_at is null
  left join friendships
    on friendships.user_a = ${least}(member.user_id, ?) and friendships.user_b = ${greatest}(member.user_id, ?)
  where member.group_id = ? and member.status = 'active' and member.user_id <> ?
    and friendships.status is distinct from 'blocked'`,
);
