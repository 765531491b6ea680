import { deleteOldAttempts } from '@mahilo/shared/accounts/browser-logins';
import type { Schema } from '@mahilo/shared/db/schema';
import type { Kysely, Selectable, Transaction } from 'kysely';

export type AttemptRow = Selectable<Schema['browser_logins']>;

/** Old ones that go with each new one, so that they never pile up. */
const SWEPT = 20;
/** Most that are looked through: no more can wait at once. */
const MOST = 100;

/** Uses the primary key. */
export async function findAttempt(db: Kysely<Schema>, id: string): Promise<AttemptRow | undefined> {
  return db.selectFrom('browser_logins').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Attempts of a name that end after `since` (ms), the newest first. Uses browser_logins_by_name. */
export async function attemptsOfName(
  db: Kysely<Schema>,
  username: string,
  since: number,
  limit = MOST,
): Promise<AttemptRow[]> {
  return db
    .selectFrom('browser_logins')
    .selectAll()
    .where('username', '=', username)
    .where('expires_at', '>', since)
    .orderBy('expires_at', 'desc')
    .limit(limit)
    .execute();
}

/** Writes an attempt, and deletes some old ones. */
export async function insertAttempt(trx: Transaction<Schema>, attempt: AttemptRow): Promise<void> {
  await deleteOldAttempts(trx, attempt.created_at, SWEPT);
  await trx.insertInto('browser_logins').values(attempt).execute();
}

/** Writes what has become of an attempt. Uses the primary key. */
export async function changeAttempt(
  trx: Transaction<Schema>,
  id: string,
  change: Partial<Pick<AttemptRow, 'approved_at' | 'approved_by_key' | 'denied_at' | 'redeemed_at'>>,
): Promise<void> {
  await trx.updateTable('browser_logins').set(change).where('id', '=', id).execute();
}
