import type { Schema } from '@mahilo/shared/db/schema';
import { MahiloError } from '@mahilo/shared/errors';
import { type Kysely, sql } from 'kysely';
import { normalizeUsername } from '../auth/users.ts';
import { type Choice, chooseConnection } from './choose-connection.ts';
import type { Send } from './schemas.ts';

/** Where a message goes, and in whose name. */
export interface Route {
  recipientId: string;
  recipient: string;
  connectionId: string;
  senderAgent: string;
}

interface RouteRow {
  recipient_id: string;
  friendship: string | null;
  sender_framework: string | null;
  only_framework: string | null;
  connection_id: string | null;
  label: string;
  capabilities_json: string;
  routing_priority: number;
  status: 'active' | 'suspended';
  created_at: number;
}

/**
 * Whether A may write to B, and which of B's connections takes the message: one query for it all.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, CONNECTION_NOT_FOUND, NO_CONNECTIONS
 */
export async function routeMessage(db: Kysely<Schema>, senderId: string, send: Send): Promise<Route> {
  const username = normalizeUsername(send.recipient);
  const rows =
    username === undefined ? [] : await routeRows(db, senderId, username, send.sender_connection_id);
  const first = rows[0];
  if (first === undefined || username === undefined) {
    throw new MahiloError('USER_NOT_FOUND', 'There is no user with this username.');
  }
  if (first.friendship !== 'accepted') {
    throw new MahiloError('NOT_FRIENDS', 'You can only write to your friends.');
  }
  if (send.sender_connection_id !== undefined && first.sender_framework === null) {
    throw new MahiloError('CONNECTION_NOT_FOUND', 'sender_connection_id is not one of your connections.');
  }
  return {
    recipientId: first.recipient_id,
    recipient: username,
    connectionId: chosen(choicesOf(rows), send).id,
    senderAgent: first.sender_framework ?? first.only_framework ?? 'agent',
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

function choicesOf(rows: readonly RouteRow[]): Choice[] {
  return rows.flatMap(({ connection_id, capabilities_json, ...row }) =>
    connection_id === null
      ? []
      : [{ ...row, id: connection_id, capabilities: JSON.parse(capabilities_json) }],
  );
}

/** Uses the unique index on username, friendships_by_pair and connections_by_name. */
async function routeRows(
  db: Kysely<Schema>,
  senderId: string,
  username: string,
  senderConnectionId: string | undefined,
): Promise<RouteRow[]> {
  const { rows } = await sql<RouteRow>`
    select users.id as recipient_id,
      (select status from friendships
        where user_a = min(users.id, ${senderId}) and user_b = max(users.id, ${senderId})) as friendship,
      (select framework from connections
        where id = ${senderConnectionId ?? null} and user_id = ${senderId} and status <> 'deleted') as sender_framework,
      (select case when count(*) = 1 then min(framework) end from connections
        where user_id = ${senderId} and status <> 'deleted' and status = 'active') as only_framework,
      connections.id as connection_id, connections.label, connections.capabilities_json,
      connections.routing_priority, connections.status, connections.created_at
    from users left join connections on connections.user_id = users.id
      and connections.status <> 'deleted' and connections.status in ('active', 'suspended')
    where users.username = ${username}
  `.execute(db);
  return rows;
}
