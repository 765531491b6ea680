import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { countMembers, groupOfMember } from '../groups/members.ts';
import { notBlocked, RANKED, REACHED } from '../groups/reached.ts';
import type { Route } from './accept.ts';
import { type AnsweredAgent, answeredAgent } from './answered-agent.ts';
import { type Choice, chooseConnection, type RoutingHints } from './choose-connection.ts';
import { isJose } from './encryption.ts';
import { senderOf } from './route-message.ts';
import { ownConnectionsOf } from './routing-cache.ts';
import type { Send } from './schemas.ts';

/** Connections of one member that hints are compared with: the best ones. */
const HINTED_OF_MEMBER = 100;
/** Connections, and bytes of their capabilities, of all members together. Who comes after that gets their best connection. */
const HINTED_CONNECTIONS = 20_000;
const HINTED_BYTES = 4 * 1024 * 1024;

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
  const group = await groupOfMember(db, send.recipient, senderId);
  charge(await countMembers(db, group.id));
  const sender = senderOf(await ownConnectionsOf(db, senderId), send.sender_connection_id);
  const answered = await answeredAgent(db, send.in_response_to, senderId);
  // Its text is encrypted for the agents that the list of members names, and no other could read it.
  const targets = isJose(send)
    ? await targetsOf(db, group.id, senderId, undefined)
    : await targetsOf(db, group.id, senderId, answered, send.routing_hints);
  if (targets.length === 0) {
    throw new MahiloError('NO_CONNECTIONS', 'No other member of the group has an active agent connection.');
  }
  const { id, name } = group;
  return { recipientId: id, recipient: id, ...sender, targets, group: { id, name } };
}

/** The connection of each member that takes the message. */
async function targetsOf(
  db: Kysely<Schema>,
  groupId: string,
  senderId: string,
  answered: AnsweredAgent | undefined,
  hints: RoutingHints = {},
): Promise<Route['targets']> {
  const best = await bestConnections(db, groupId, senderId, senderId, senderId);
  const targets = best.flatMap(({ user_id, connection_id }) =>
    connection_id === null ? [] : [{ recipientId: user_id, connectionId: connection_id }],
  );
  const answering = targets.find(({ recipientId }) => recipientId === answered?.user_id);
  if (answering && answered) answering.connectionId = answered.connection_id;
  if (!hints.labels?.length && !hints.tags?.length) return targets;
  let bytesLeft = HINTED_BYTES;
  let connectionsLeft = HINTED_CONNECTIONS;
  for (const target of targets) {
    if (bytesLeft <= 0 || connectionsLeft <= 0) break;
    const choices = await rankedChoices(db, target.recipientId);
    bytesLeft -= choices.reduce((bytes, { capabilities_json }) => bytes + capabilities_json.length, 0);
    connectionsLeft -= choices.length;
    target.connectionId =
      chooseConnection(choices.map(parsed), hints, target.connectionId)?.id ?? target.connectionId;
  }
  return targets;
}

function parsed({ capabilities_json, ...connection }: StoredChoice): Choice {
  return { ...connection, capabilities: JSON.parse(capabilities_json) };
}

type StoredChoice = Omit<Choice, 'capabilities'> & { capabilities_json: string };

/** A user's best connections. Uses connections_by_rank. */
async function rankedChoices(db: Kysely<Schema>, userId: string): Promise<StoredChoice[]> {
  const active = await ranked(db, userId, 'active', HINTED_OF_MEMBER);
  const suspended = await ranked(db, userId, 'suspended', HINTED_OF_MEMBER - active.length);
  return [...active, ...suspended];
}

const ranked = statement<[userId: string, status: string, limit: number], StoredChoice>(`
  select id, label, capabilities_json, routing_priority, status, created_at from connections
  where user_id = ? and status = ? and status <> 'deleted' and event_name is null ${RANKED} limit ?`);

/**
 * The best connection of each other member, null without one. Uses group_members_active, connections_by_rank,
 * friendships_by_pair, and the primary key of users.
 */
const bestConnections = statement<
  [groupId: string, senderId: string, senderIdAgain: string, senderIdOnceMore: string],
  { user_id: string; connection_id: string | null }
>(
  (words) => `
  select member.user_id, ${REACHED} as connection_id
  from group_members as member
  join users on users.id = member.user_id and users.disabled_at is null
  where member.group_id = ? and member.status = 'active' and member.user_id <> ? and ${notBlocked(words)}`,
);
