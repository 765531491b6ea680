import type { Schema } from '@mahilo/shared/db/schema';
import { type Kysely, sql } from 'kysely';

export interface ListedUser {
  id: string;
  username: string;
  display_name: string | null;
  created_at: number;
  disabled_at: number | null;
  deleted_at: number | null;
  operator_since: number | null;
  agents: number;
}

export interface UserFilter {
  /** Only users whose names come after this one. */
  after: string | undefined;
  limit: number;
  disabledOnly: boolean;
  /** Only users whose names begin with this, in lower case. */
  prefix?: string | undefined;
}

/** Comes after every character of a name. */
const AFTER_NAMES = '{';

/** Users by name. Uses the unique index on username, or users_disabled, and connections_by_name for each that is listed. */
export async function listUsers(
  db: Kysely<Schema>,
  { after, limit, disabledOnly, prefix }: UserFilter,
): Promise<ListedUser[]> {
  return db
    .selectFrom('users')
    .select((select) => [
      'users.id',
      'username',
      'display_name',
      'users.created_at',
      'disabled_at',
      'deleted_at',
      'operator_since',
      select
        .selectFrom('connections')
        .select((count) => count.fn.countAll<number>().as('agents'))
        .whereRef('connections.user_id', '=', 'users.id')
        .where('status', '<>', sql.lit('deleted'))
        .where('event_name', 'is', null)
        .as('agents'),
    ])
    .$if(after !== undefined, (query) => query.where('username', '>', after ?? ''))
    .$if(prefix !== undefined, (query) =>
      query.where('username', '>=', prefix ?? '').where('username', '<', `${prefix}${AFTER_NAMES}`),
    )
    .$if(disabledOnly, (query) => query.where('disabled_at', 'is not', null))
    .orderBy('username')
    .limit(limit)
    .$castTo<ListedUser>()
    .execute();
}
