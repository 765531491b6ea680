import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import { walks } from '../http/walks.ts';

/** Deliveries of one message that are counted at most; a message to a large group has many. */
const COUNTED = 1000;
/** Messages whose deliveries are counted before others may run. */
const PIECE = 5;

/** What became of a message, in numbers. */
export interface DeliveryCounts {
  delivered: number;
  waiting: number;
  failed: number;
  cancelled: number;
  attempts: number;
}

/** By their ids what became of messages: of all their deliveries for the sender, of a recipient's own for them. */
export function deliveryCountsOf(
  db: Kysely<Schema>,
  userId: string,
  messages: readonly { id: string; sender_id: string }[],
): Promise<Map<string, DeliveryCounts>> {
  return walks.walk(userId, async (nextPiece) => {
    const counts = new Map<string, DeliveryCounts>();
    for (const [index, { id, sender_id }] of messages.entries()) {
      if (index % PIECE === 0) await nextPiece();
      const [ofMessage] = sender_id === userId ? await countAll(db, id) : await countOwn(db, userId, id);
      if (ofMessage !== undefined) counts.set(id, ofMessage);
    }
    return counts;
  });
}

const counted = (where: string) => `
  select count(case when state = 'delivered' then 1 end) as delivered,
    count(case when state in ('pending', 'leased') then 1 end) as waiting,
    count(case when state = 'failed' then 1 end) as failed,
    count(case when state = 'cancelled' then 1 end) as cancelled,
    coalesce(sum(attempts), 0) as attempts
  from (select state, attempts from outbox where ${where} limit ${COUNTED}) as counted`;

/** Uses outbox_by_message. */
const countAll = statement<[messageId: string], DeliveryCounts>(counted('message_id = ?'));

/** Uses outbox_by_recipient. */
const countOwn = statement<[recipientId: string, messageId: string], DeliveryCounts>(
  counted('recipient_id = ? and message_id = ?'),
);
