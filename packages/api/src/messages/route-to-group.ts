import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { findGroup } from '../groups/groups.ts';
import { countMembers, findMembership } from '../groups/members.ts';
import type { Route } from './accept.ts';
import { type Choice, chooseConnection } from './choose-connection.ts';
import { senderAgentOf } from './route-message.ts';
import { frameworksOf } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/**
 * Whether A may write to the group, and which connection of each other member takes the message. Who has none that could,
 * has blocked the sender or is blocked by them gets nothing.
 * @param charge takes what it costs the sender, by the number of members, before they are read.
 * @throws MahiloError INVALID_REQUEST, GROUP_NOT_FOUND, NOT_MEMBER, CONNECTION_NOT_FOUND, NO_CONNECTIONS
 */
export async function routeToGroup(
  db: Kysely<Schema>,
  senderId: string,
  send: Send,
  charge: (members: number) => void,
): Promise<Route> {
  if (send.recipient_connection_id !== undefined) {
    throw invalidField('recipient_connection_id', 'is for a message to a user, not to a group');
  }
  const group = await findGroup(db, send.recipient);
  if (group === undefined) throw new MahiloError('GROUP_NOT_FOUND', 'There is no such group.');
  const own = await findMembership(db, group.id, senderId);
  if (own?.status !== 'active') {
    throw new MahiloError('NOT_MEMBER', 'Only its members can write to a group.');
  }
  charge(await countMembers(db, group.id));
  const senderAgent = senderAgentOf(await frameworksOf(db, senderId), send.sender_connection_id);
  const choices = await choicesOf(db, group.id, senderId, senderId, senderId);
  const targets = [...Map.groupBy(choices, (choice) => choice.user_id)].flatMap(([recipientId, own]) => {
    const best = chooseConnection(own.map(parsed), send.routing_hints);
    return best === undefined ? [] : [{ recipientId, connectionId: best.id }];
  });
  if (targets.length === 0) {
    throw new MahiloError('NO_CONNECTIONS', 'No other member of the group has an active agent connection.');
  }
  const { id, name } = group;
  return { recipientId: id, recipient: id, senderAgent, targets, group: { id, name } };
}

function parsed({ capabilities_json, ...connection }: MemberChoice): Choice {
  return { ...connection, capabilities: JSON.parse(capabilities_json) };
}

interface MemberChoice extends Omit<Choice, 'capabilities'> {
  user_id: string;
  capabilities_json: string;
}

/** Uses group_members_active, connections_by_name, friendships_by_pair, and the primary key of users. */
const choicesOf = statement<
  [groupId: string, senderId: string, senderIdAgain: string, senderIdOnceMore: string],
  MemberChoice
>(`
  select member.user_id, connections.id, label, capabilities_json, routing_priority, connections.status,
    connections.created_at
  from group_members as member
  join connections on connections.user_id = member.user_id
    and connections.status <> 'deleted' and connections.status in ('active', 'suspended')
  join users on users.id = member.user_id and users.disabled_at is null
  where member.group_id = ? and member.status = 'active' and member.user_id <> ?
    and not exists (
      select 1 from friendships
      where user_a = min(member.user_id, ?) and user_b = max(member.user_id, ?) and friendships.status = 'blocked')`);
