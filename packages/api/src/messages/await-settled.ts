import type { MessageStatus, OutboxState, Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import type { Feed, WaitOptions } from '../live/feed.ts';
import type { LiveEvent } from '../live/live-event.ts';
import type { SentMessage, SentToGroup } from './send.ts';

type Settled<Sent> = Omit<Sent, 'status'> & { status: 'pending' | 'delivered' | 'failed' };

/**
 * Waits until nothing is owed of an accepted message, or the wait ends. The message is in the database by now, so no
 * change can be missed.
 * @returns the answer to the send, as things stand then. An error does not undo the acceptance: then it returns the
 * original answer.
 */
export async function awaitSettled<Sent extends SentMessage>(
  { db, log }: Pick<ApiDeps, 'db' | 'log'>,
  feed: Feed,
  senderId: string,
  sent: Sent,
  options: WaitOptions,
): Promise<Settled<Sent>> {
  const { message_id: id } = sent;
  const concerns = ({ type, data }: LiveEvent) => type === 'delivery_status' && data['message_id'] === id;
  const look = async () => {
    const [message] = await statusOf(db.kysely, id);
    return message === undefined || message.status === 'pending' ? undefined : message.status;
  };
  try {
    const status = await feed.until(senderId, concerns, look, options);
    if (status === 'rejected') return sent;
    const answer = { ...sent, status: status ?? 'pending' };
    return 'recipients' in sent ? { ...answer, ...(await countByEnd(db.kysely, id)) } : answer;
  } catch (err) {
    log.warn({ err, message_id: id }, 'What became of a message could not be awaited');
    return sent;
  }
}

/** Uses the primary key. */
const statusOf = statement<[messageId: string], { status: MessageStatus }>(
  'select status from messages where id = ?',
);

/** The deliveries of a message, counted as the sender to a group sees them. */
async function countByEnd(
  db: Kysely<Schema>,
  messageId: string,
): Promise<Pick<SentToGroup, 'delivered' | 'pending' | 'failed'>> {
  const counts = { delivered: 0, pending: 0, failed: 0 };
  for (const { state, count } of await countByState(db, messageId)) counts[END_OF[state]] += count;
  return counts;
}

const END_OF: Readonly<Record<OutboxState, 'delivered' | 'pending' | 'failed'>> = {
  pending: 'pending',
  leased: 'pending',
  delivered: 'delivered',
  failed: 'failed',
  cancelled: 'failed',
};

/** Uses outbox_by_message. */
const countByState = statement<[messageId: string], { state: OutboxState; count: number }>(
  'select state, count(*) as count from outbox where message_id = ? group by state',
);
