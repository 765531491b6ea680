import { statement } from '@mahilo/shared/db/statement';
import { each } from '@mahilo/shared/db/words/rows';
import type { Words } from '@mahilo/shared/db/words/words';

/** `connections_by_rank` has its rows in the order of messages `chooseConnection`. */
export const RANKED = 'order by routing_priority desc, created_at, id';

const best = (status: 'active' | 'suspended') => `(
  select id from connections
  where user_id = member.user_id and status = '${status}' and status <> 'deleted' and event_name is null
  ${RANKED} limit 1)`;

/** SQL of the connection that a message to the group reaches of `member`, null without one. Uses connections_by_rank. */
export const REACHED = `coalesce(${best('active')}, ${best('suspended')})`;

/** SQL of whether neither of `member` and a user, whose id it takes twice, has blocked the other. Uses friendships_by_pair. */
export const notBlocked = ({ least, greatest }: Words) => `not exists (
  select 1 from friendships
  where user_a = ${least}(member.user_id, ?) and user_b = ${greatest}(member.user_id, ?)
    and friendships.status = 'blocked')`;

/** Where a message to the group goes, and the keys that one encrypts it with. */
export interface ReachedConnection {
  user_id: string;
  connection_id: string;
  public_keys_json: string | null;
  public_keys_since: number | null;
}

/**
 * The connections of some people, as a JSON array of ids, that a message of a user to their group reaches. Uses the primary
 * keys beside.
 */
export const connectionsReached = statement<
  [userIds: string, senderId: string, senderIdAgain: string],
  ReachedConnection
>(
  (words) => `
  with member (user_id) as (select value from ${each(words)})
  select member.user_id, connections.id as connection_id, public_keys_json, public_keys_since
  from member
  ${words.joinInOrder} users on users.id = member.user_id and users.disabled_at is null
  ${words.joinInOrder} connections on connections.id = ${REACHED}
  where ${notBlocked(words)}`,
);
