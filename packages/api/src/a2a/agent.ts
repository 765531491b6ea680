import type { User } from '@mahilo/shared/accounts/users';
import type { ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { MahiloError } from '@mahilo/shared/errors';
import type { Kysely } from 'kysely';
import type { Caller } from '../access/caller.ts';
import { friendNamed } from '../friends/contacts.ts';

/** A friend's agent, which A2A clients call. */
export interface CalledAgent {
  friend: User;
  id: string;
  framework: string;
  label: string;
  description: string | null;
  capabilities_json: string;
  status: ConnectionStatus;
}

/** As the path of a request names it. */
export interface AgentPath {
  username: string;
  connection_id: string;
}

/**
 * An agent of a friend. One that is gone is still found, for the tasks that it had.
 * @throws MahiloError USER_NOT_FOUND, NOT_FRIENDS, CONNECTION_NOT_FOUND
 */
export async function calledAgent(
  db: Kysely<Schema>,
  caller: Caller,
  { username, connection_id }: AgentPath,
): Promise<CalledAgent> {
  const friend = await friendNamed(db, caller.id, username);
  const [connection] = await connectionOf(db, connection_id, friend.id);
  if (connection === undefined) throw noAgent();
  return { friend, ...connection };
}

/** @throws MahiloError CONNECTION_NOT_FOUND when an agent takes no messages any more. */
export function assertTakesMessages({ status }: CalledAgent): void {
  if (status !== 'active' && status !== 'suspended') throw noAgent();
}

/** Uses the primary key. */
const connectionOf = statement<[id: string, userId: string], Omit<CalledAgent, 'friend'>>(`
  select id, framework, label, description, capabilities_json, status from connections
  where id = ? and user_id = ? and event_name is null`);

function noAgent(): MahiloError {
  return new MahiloError('CONNECTION_NOT_FOUND', 'This friend has no active agent with this connection id.');
}
