import type { Schema } from '@mahilo/shared/db/schema';
import { worded } from '@mahilo/shared/db/words/words';
import { type OperationNodeSource, sql } from 'kysely';

/** A row of any table. */
export type Row = Readonly<Record<string, unknown>>;

/** How a table is gone through: in an order that both databases have, in pages. */
export interface MovedTable {
  name: keyof Schema;
  /** What the rows are in the order of; no two rows have the same. */
  key: readonly { column: string; expression: OperationNodeSource }[];
  /** Rows that are in memory at once: fewer where one may be a megabyte. */
  pageRows: number;
}

const PAGE_ROWS = 512;
const LARGE_PAGE_ROWS = 64;
const LARGE: ReadonlySet<string> = new Set(['messages', 'decisions', 'policies']);

/** Not a column of SQLite, and of no meaning but for the order. */
export const ARRIVAL = 'arrival';

/** The primary keys, behind what they refer to. */
const KEYS = {
  users: ['id'],
  connections: ['id'],
  api_keys: ['id'],
  sessions: ['id'],
  browser_logins: ['id'],
  sign_in_links: ['token_hash'],
  friend_links: ['id'],
  invites: ['id'],
  friendships: ['id'],
  friend_roles: ['friendship_id', 'owner_id', 'role'],
  groups: ['id'],
  group_members: ['id'],
  group_links: ['id'],
  policies: ['id'],
  decisions: ['message_id'],
  messages: [ARRIVAL],
  outbox: ['id'],
  delivery_attempts: ['delivery_id', 'attempt'],
  lanes: ['connection_id'],
  events: ['id'],
  event_subscriptions: ['connection_id'],
  event_fan_out: ['id'],
  audit: ['id'],
  stats_minutes: ['at', 'process'],
  secret_check: ['id'],
} as const satisfies Partial<Record<keyof Schema, readonly string[]>>;

/** Of processes that are gone, or different in each database. */
export const LEFT_BEHIND: ReadonlySet<string> = new Set([
  'access_version',
  'workers',
] satisfies (keyof Schema)[]);

/** All tables of a registry that are moved, each behind those to which it refers. */
export const MOVED_TABLES: readonly MovedTable[] = Object.entries(KEYS).map(([name, columns]) => ({
  name: name as keyof typeof KEYS,
  key: columns.map((column) => ({ column, expression: expressionOf(column) })),
  pageRows: LARGE.has(name) ? LARGE_PAGE_ROWS : PAGE_ROWS,
}));

function expressionOf(column: string): OperationNodeSource {
  return column === ARRIVAL ? worded(({ arrival }) => arrival('messages')) : sql.ref(column);
}
