import type { ConnectionMode, ConnectionStatus, Schema } from '@mahilo/shared/db/schema';
import {
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
import type { Page } from '../http/pagination.ts';

export type ConnectionRow = Selectable<Schema['connections']>;

/** `webhook` is what some clients call `callback`. */
export const AGENT_MODES = ['callback', 'webhook', 'polling'] as const;
/** Subscriptions to events are shown beside the agents. */
export const MODES_SHOWN = [...AGENT_MODES, 'events'] as const;
export type ModeShown = (typeof MODES_SHOWN)[number];

/** The framework of subscriptions to events; their label is what their clients know them by. No agent can have it. */
export const SUBSCRIPTION_FRAMEWORK = 'mcp-events';

/** A literal: a partial index is not used where a parameter stands for its condition. */
const NOT_DELETED = sql<boolean>`status <> 'deleted'`;

/** The connection that a user already has under this name. Uses connections_by_name. */
export async function findByName(
  db: Kysely<Schema>,
  userId: string,
  framework: string,
  label: string,
): Promise<ConnectionRow | undefined> {
  return db
    .selectFrom('connections')
    .selectAll()
    .where('user_id', '=', userId)
    .where('framework', '=', framework)
    .where('label', '=', label)
    .where(NOT_DELETED)
    .executeTakeFirst();
}

/** A user's own connection, unless it was deleted. Uses the primary key. */
export async function findOwn(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<ConnectionRow | undefined> {
  return db
    .selectFrom('connections')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .where(NOT_DELETED)
    .executeTakeFirst();
}

/** A user's own agent: a connection that takes messages. Uses the primary key. */
export async function findOwnAgent(
  db: Kysely<Schema>,
  userId: string,
  id: string,
): Promise<ConnectionRow | undefined> {
  const connection = await findOwn(db, userId, id);
  return connection?.event_name === null ? connection : undefined;
}

/** The mode of a connection, in its client's own word. */
export function modeShown({
  mode,
  mode_word,
  event_name,
}: Pick<ConnectionRow, 'mode' | 'mode_word' | 'event_name'>): ModeShown {
  if (event_name !== null) return 'events';
  return mode === 'callback' ? (mode_word ?? mode) : mode;
}

/** When a connection's agent last took a delivery or answered a ping (ms). Uses the primary key. */
export async function lastSeenOf(db: Kysely<Schema>, id: string): Promise<number | null> {
  const lane = await db
    .selectFrom('lanes')
    .select('last_seen')
    .where('connection_id', '=', id)
    .executeTakeFirst();
  return lane?.last_seen ?? null;
}

export interface ListedConnection {
  id: string;
  framework: string;
  label: string;
  description: string | null;
  capabilities_json: string;
  routing_priority: number;
  mode: ConnectionMode;
  mode_word: 'webhook' | null;
  event_name: string | null;
  callback_url: string | null;
  callback_format: 'openclaw' | null;
  public_key: string | null;
  public_key_alg: string | null;
  public_keys_json: string | null;
  public_keys_since: number | null;
  status: ConnectionStatus;
  last_seen: number | null;
  created_at: number;
}

/** A user's connections, newest first; for friends only the active agents. Uses connections_by_name. */
export async function listConnections(
  db: Kysely<Schema>,
  userId: string,
  page: Page,
  audience: 'owner' | 'friends',
): Promise<ListedConnection[]> {
  return db
    .selectFrom('connections')
    .leftJoin('lanes', 'lanes.connection_id', 'connections.id')
    .select([
      'connections.id',
      'framework',
      'label',
      'description',
      'capabilities_json',
      'routing_priority',
      'mode',
      'mode_word',
      'event_name',
      'callback_url',
      'callback_format',
      'public_key',
      'public_key_alg',
      'public_keys_json',
      'public_keys_since',
      'status',
      'lanes.last_seen',
      'created_at',
    ])
    .where('user_id', '=', userId)
    .where(NOT_DELETED)
    .$if(audience === 'friends', (query) =>
      query.where('status', '=', 'active').where('event_name', 'is', null),
    )
    .$if(page.after !== undefined, (query) => query.where('connections.id', '<', page.after ?? ''))
    .orderBy('connections.id', 'desc')
    .limit(page.limit + 1)
    .execute();
}

export async function insertConnection(
  trx: Transaction<Schema>,
  connection: Insertable<Schema['connections']>,
): Promise<void> {
  await trx.insertInto('connections').values(connection).execute();
}

export async function updateConnection(
  trx: Transaction<Schema>,
  id: string,
  changes: Updateable<Schema['connections']>,
): Promise<void> {
  await trx.updateTable('connections').set(changes).where('id', '=', id).execute();
}

/** Ends a suspension. @returns false when there is none. */
export async function unsuspendConnection(trx: Transaction<Schema>, id: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('connections')
    .set({ status: 'active' })
    .where('id', '=', id)
    .where('status', '=', 'suspended')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
