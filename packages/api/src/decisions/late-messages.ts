import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';

/** Most late messages of a time that are looked at. */
const MAX_LATE = 1000;

interface Late {
  id: string;
}

/** As the partial indexes have it. */
const LATE = `state = 'sent' and settled_at > created_at + 60000 and settled_at >= ?`;

/** Uses decisions_sent_late. */
const sentLate = statement<[since: number, senderId: string], Late>(
  `select message_id as id from decisions where ${LATE} and sender_id = ? limit ${MAX_LATE}`,
);

/** Uses decisions_received_late, group_members_by_user and outbox_by_message. */
const receivedLate = statement<[since: number, userId: string, userId: string, recipientId: string], Late>(
  ({ unindexed }) => `
  select message_id as id from decisions where ${LATE}
    and recipient_id in (select ? union all select group_id from group_members where user_id = ?)
    and exists (
      select 1 from outbox
      where outbox.message_id = decisions.message_id and ${unindexed('outbox.recipient_id')} = ?)
  limit ${MAX_LATE}`,
);

/**
 * Messages that were sent at `since` (ms) or later under an id that was given out before: a decision was made first, and a
 * person may have had to approve it. A list that begins at an id does not come by them.
 */
export async function lateMessages(
  db: Kysely<Schema>,
  userId: string,
  direction: 'sent' | 'received' | undefined,
  since: number,
): Promise<string[]> {
  const sent = direction === 'received' ? [] : await sentLate(db, since, userId);
  const received = direction === 'sent' ? [] : await receivedLate(db, since, userId, userId, userId);
  return [...sent, ...received].map(({ id }) => id);
}
