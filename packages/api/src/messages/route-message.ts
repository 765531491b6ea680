import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import { findUser } from '../auth/users.ts';
import { type Choice, chooseConnection } from './choose-connection.ts';
import type { Send } from './schemas.ts';

/** Where a message goes, and in whose name. */
export interface Route {
  recipientId: string;
  recipient: string;
  connectionId: string;
  senderAgent: string;
}

/**
 * Whether A may write to B, and which of B's connections takes the message.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, CONNECTION_NOT_FOUND, NO_CONNECTIONS
 */
export async function routeMessage(db: Kysely<Schema>, senderId: string, send: Send): Promise<Route> {
  const user = await findUser(db, send.recipient);
  if (user === undefined) throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  const [one, other] = senderId < user.id ? [senderId, user.id] : [user.id, senderId];
  const [friendship] = await friendshipOf(db, one, other);
  if (friendship?.status !== 'accepted') {
    throw new MahiloError('NOT_FRIENDS', 'You can only write to your friends.');
  }
  const senderAgent = await senderAgentOf(db, senderId, send.sender_connection_id);
  const choices = (await connectionsOf(db, user.id)).map(({ capabilities_json, ...connection }) => ({
    ...connection,
    capabilities: JSON.parse(capabilities_json),
  }));
  return {
    recipientId: user.id,
    recipient: user.username,
    connectionId: chosen(choices, send).id,
    senderAgent,
  };
}

function chosen(choices: readonly Choice[], send: Send): Choice {
  if (send.recipient_connection_id !== undefined) {
    const named = choices.find((choice) => choice.id === send.recipient_connection_id);
    if (named) return named;
    throw new MahiloError(
      'CONNECTION_NOT_FOUND',
      'recipient_connection_id is no active connection of the recipient.',
    );
  }
  const best = chooseConnection(choices, send.routing_hints);
  if (best) return best;
  throw new MahiloError('NO_CONNECTIONS', 'The recipient has no active agent connection.');
}

async function senderAgentOf(
  db: Kysely<Schema>,
  senderId: string,
  connectionId: string | undefined,
): Promise<string> {
  const frameworks = await frameworksOf(db, senderId);
  if (connectionId === undefined) {
    const active = frameworks.filter((connection) => connection.status === 'active');
    return (active.length === 1 ? active[0]?.framework : undefined) ?? 'agent';
  }
  const named = frameworks.find((connection) => connection.id === connectionId);
  if (named) return named.framework;
  throw new MahiloError('CONNECTION_NOT_FOUND', 'sender_connection_id is not one of your connections.');
}

/** Uses friendships_by_pair. */
const friendshipOf = statement<[userA: string, userB: string], { status: string }>(
  'select status from friendships where user_a = ? and user_b = ?',
);

/** Uses connections_by_name. */
const frameworksOf = statement<[userId: string], { id: string; framework: string; status: string }>(
  "select id, framework, status from connections where user_id = ? and status <> 'deleted'",
);

/** Uses connections_by_name. */
const connectionsOf = statement<
  [userId: string],
  Omit<Choice, 'capabilities'> & { capabilities_json: string }
>(`
  select id, label, capabilities_json, routing_priority, status, created_at from connections
  where user_id = ? and status <> 'deleted' and status in ('active', 'suspended')`);
