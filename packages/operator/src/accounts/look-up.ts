import { removeUser } from '@mahilo/shared/accounts/remove-user';
import { findAnyUser } from '@mahilo/shared/accounts/users';
import { isoTime, systemClock } from '@mahilo/shared/clock';
import type { Database } from '@mahilo/shared/db/database';
import { deleteDecisionsOfUser } from '@mahilo/shared/decisions/delete';
import { cancelAllDeliveries } from '@mahilo/shared/outbox/cancel';
import { databaseUrl, withDatabase } from '../context.ts';
import { bytes } from '../format.ts';
import { auditOperator, confirmedOrExit } from '../operator-audit.ts';
import { answer, printable, table } from '../output.ts';
import { userDetails, usersBySize } from './sizes.ts';

/** A user whose account is not deleted. @throws Error with a sentence when there is none. */
export async function userNamed(db: Database, name: string) {
  const user = await findAnyUser(db.kysely, name);
  if (user === undefined) throw new Error(`There is no user ${name}.`);
  if (user.deleted_at !== null)
    throw new Error(`The account of ${user.username} was deleted; the name stays taken.`);
  return user;
}

/** Prints the users who have stored most. */
export async function listBySize(limit: number, asJson: boolean): Promise<void> {
  const users = await withDatabase(databaseUrl(), (db) => usersBySize(db.kysely, limit));
  const shown = users.map(({ id, disabled_at, ...user }) => ({
    user_id: id,
    ...user,
    disabled_at: disabled_at === null ? null : isoTime(disabled_at),
  }));
  answer(asJson, shown, () =>
    table(
      ['Name', 'Stored', 'Messages', 'Disabled'],
      shown.map((user) => [
        user.username,
        bytes(user.stored_bytes),
        user.messages,
        user.disabled_at === null ? '' : `since ${user.disabled_at}`,
      ]),
    ),
  );
}

/** Prints one user, or a deleted account. */
export async function showUser(name: string, asJson: boolean): Promise<void> {
  const details = await withDatabase(databaseUrl(), async (db) => {
    const user = await findAnyUser(db.kysely, name);
    const [found] = user === undefined ? [] : await userDetails(db.kysely, user.id);
    if (found === undefined) throw new Error(`There is no user ${name}.`);
    return found;
  });
  const { id, created_at, disabled_at, deleted_at, operator_since, ...counts } = details;
  const time = (ms: number | null) => (ms === null ? null : isoTime(ms));
  const shown = {
    user_id: id,
    ...counts,
    created_at: isoTime(created_at),
    disabled_at: time(disabled_at),
    deleted_at: time(deleted_at),
    operator_since: time(operator_since),
  };
  answer(asJson, shown, () =>
    Object.entries(shown)
      .map(([field, value]) => `${field.padEnd(16)}${printable(String(value ?? ''))}`.trimEnd())
      .join('\n'),
  );
}

/** Removes a user, and cancels what is owed to their agents. */
export async function removeNamed(name: string, isConfirmed: boolean, asJson: boolean): Promise<void> {
  confirmedOrExit(isConfirmed, 'Removing a user');
  const removed = await withDatabase(databaseUrl(), async (db) => {
    const user = await userNamed(db, name);
    const now = systemClock.now();
    await deleteDecisionsOfUser(db.write, user.id);
    const connectionIds = await db.write(async (trx) => {
      await auditOperator(trx, 'user.delete', user.id, now, { username: user.username });
      return removeUser(trx, user, now);
    });
    await cancelAllDeliveries(db.write, connectionIds, systemClock);
    return { user_id: user.id, username: user.username, status: 'removed' };
  });
  answer(asJson, removed, () => `${removed.username} is removed.`);
}
