import { type Kysely, sql, type Transaction } from 'kysely';
import type { EventType, Schema } from '../db/schema.ts';
import { appendEvents } from '../events/append.ts';

interface GroupNews {
  type: Extract<EventType, 'group_join' | 'group_leave'>;
  groupId: string;
  data: Readonly<Record<string, unknown>>;
}

/**
 * Sends an event about a member who came or went to the owner, the admins and `alsoInform`, but not to the user who
 * did it. Other members get none: in a group of a thousand each join would be a thousand events, and filling it a
 * million.
 */
export async function tellInCharge(
  trx: Transaction<Schema>,
  { type, groupId, data }: GroupNews,
  people: { doneBy: string; alsoInform?: string },
  now: number,
): Promise<void> {
  const recipients = new Set(await usersInCharge(trx, groupId));
  if (people.alsoInform !== undefined) recipients.add(people.alsoInform);
  recipients.delete(people.doneBy);
  await appendEvents(
    trx,
    [...recipients].map((userId) => ({ userId, type, data })),
    now,
  );
}

/** The owner and the admins. Uses group_members_in_charge. */
export async function usersInCharge(db: Kysely<Schema>, groupId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('group_members')
    .select('user_id')
    .where('group_id', '=', groupId)
    .where('role', '<>', sql.lit('member'))
    .execute();
  return rows.map((row) => row.user_id);
}
