import type { Kysely, Selectable, Transaction } from 'kysely';
import { SESSIONS_PER_USER } from '../bounds/bounds.ts';
import type { Schema } from '../db/schema.ts';
import { statement } from '../db/statement.ts';
import type { User } from './users.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A session ends when nobody has used it for so long (ms). */
const IDLE_MS = 30 * DAY_MS;
/** And then in any case (ms), counted from the sign-in. */
export const SESSION_MS = 90 * DAY_MS;
/** The session of an operator ends so long (ms) after the sign-in. */
export const OPERATOR_SESSION_MS = 12 * HOUR_MS;

export type SessionRow = Selectable<Schema['sessions']>;

/** Who is signed in with a session. */
export interface SessionOwner extends User {
  session_id: string;
  key_id: string | null;
  created_at: number;
  last_used_at: number;
  expires_at: number;
  /** 1: who is signed in may act as the operator; see `operators.ts`. */
  is_operator: 0 | 1;
}

const OWNER = `users.id, users.username, sessions.id as session_id, key_id, sessions.created_at, last_used_at, expires_at,
  case when is_operator = 1 and operator_since is not null then 1 else 0 end as is_operator
  from sessions join users on users.id = sessions.user_id`;

/** Who has this token in their cookie, unless disabled. Uses sessions_by_token. */
export const sessionOfToken = statement<[tokenHash: Buffer], SessionOwner>(`
  select ${OWNER} where token_hash = ? and users.disabled_at is null`);

/** The same by the id of the session. Uses the primary key. */
export const sessionOfId = statement<[id: string], SessionOwner>(`
  select ${OWNER} where sessions.id = ? and users.disabled_at is null`);

/** When (ms) a session ends if nobody uses it again. */
export function endOfSession({
  last_used_at,
  expires_at,
}: Pick<SessionRow, 'last_used_at' | 'expires_at'>): number {
  return Math.min(expires_at, last_used_at + IDLE_MS);
}

/** A user's sessions, the last used one first, those that are over left out. Uses sessions_by_user. */
export async function listSessions(
  db: Kysely<Schema>,
  userId: string,
  now: number,
): Promise<Omit<SessionRow, 'token_hash'>[]> {
  const rows = await db
    .selectFrom('sessions')
    .select([
      'id',
      'user_id',
      'key_id',
      'way',
      'browser',
      'created_at',
      'last_used_at',
      'expires_at',
      'is_operator',
    ])
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .execute();
  return rows.filter((row) => endOfSession(row) > now);
}

/** Writes a session, and ends those of its user that are over, or too many. Uses sessions_by_user. */
export async function insertSession(trx: Transaction<Schema>, session: SessionRow): Promise<void> {
  await trx.insertInto('sessions').values(session).execute();
  const others = await trx
    .selectFrom('sessions')
    .select(['id', 'last_used_at', 'expires_at'])
    .where('user_id', '=', session.user_id)
    .where('id', '<>', session.id)
    .orderBy('last_used_at', 'desc')
    .execute();
  const over = others.filter(
    (other, n) => n >= SESSIONS_PER_USER - 1 || endOfSession(other) <= session.created_at,
  );
  for (const { id } of over) await deleteSession(trx, id);
}

/** Records when a session was last used (ms). Uses the primary key. */
export const noteSessionUse = statement<[lastUsedAt: number, id: string]>(
  'update sessions set last_used_at = ? where id = ?',
);

/** Uses the primary key. */
export async function deleteSession(trx: Transaction<Schema>, id: string): Promise<void> {
  await trx.deleteFrom('sessions').where('id', '=', id).execute();
}

/**
 * Ends one session of a user, or all but that one. Uses sessions_by_user.
 * @returns how many.
 */
export async function endSessions(
  trx: Transaction<Schema>,
  userId: string,
  which: { only: string } | { allBut: string },
): Promise<number> {
  const ofUser = trx.deleteFrom('sessions').where('user_id', '=', userId);
  const chosen =
    'only' in which ? ofUser.where('id', '=', which.only) : ofUser.where('id', '<>', which.allBut);
  const { numDeletedRows } = await chosen.executeTakeFirst();
  return Number(numDeletedRows);
}

/**
 * Ends all that lets a user in at a browser, sessions and links that nobody has used, and the links that make friends of
 * theirs, or members of groups. Uses indexes by user.
 */
export async function deleteSessionsOfUser(trx: Transaction<Schema>, userId: string): Promise<void> {
  for (const table of ['sessions', 'sign_in_links', 'friend_links', 'group_links'] as const) {
    await trx.deleteFrom(table).where('user_id', '=', userId).execute();
  }
}

/** Ends the sessions that came of an API key, but for the one that asks. Uses sessions_by_key. */
export async function deleteSessionsOfKey(
  trx: Transaction<Schema>,
  keyId: string,
  except: string | undefined,
): Promise<void> {
  await trx
    .deleteFrom('sessions')
    .where('key_id', '=', keyId)
    .where('id', '<>', except ?? '')
    .execute();
}
