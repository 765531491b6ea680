import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../db/schema.ts';

/**
 * Operators at a browser. Two things make one, and both come from the terminal of the machine: the user has a grant
 * (`users.operator_since`), and the session began with a link for operators. So neither an API key nor the session of a
 * person, stolen or not, ever leads to the operator's API.
 */

/** Lets a user be the operator at a browser, from `now` (ms) on. @returns false when they may already. Uses the primary key. */
export async function grantOperator(trx: Transaction<Schema>, userId: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('users')
    .set({ operator_since: now })
    .where('id', '=', userId)
    .where('operator_since', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Withdraws the grant, and ends the user's sessions and links as the operator. Uses the primary key, sessions_by_user and
 * sign_in_links_by_user.
 * @returns false when there was no grant.
 */
export async function withdrawOperator(trx: Transaction<Schema>, userId: string): Promise<boolean> {
  for (const table of ['sessions', 'sign_in_links'] as const) {
    await trx.deleteFrom(table).where('user_id', '=', userId).where('is_operator', '=', 1).execute();
  }
  const { numUpdatedRows } = await trx
    .updateTable('users')
    .set({ operator_since: null })
    .where('id', '=', userId)
    .where('operator_since', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whether a user may be the operator at a browser. Uses the primary key. */
export async function mayOperate(db: Kysely<Schema>, userId: string): Promise<boolean> {
  const user = await db
    .selectFrom('users')
    .select('operator_since')
    .where('id', '=', userId)
    .executeTakeFirst();
  return (user?.operator_since ?? null) !== null;
}
