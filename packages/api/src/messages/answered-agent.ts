import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import type { Kysely } from 'kysely';

/** The agent that wrote a message, and whose it is. */
export interface AnsweredAgent {
  user_id: string;
  connection_id: string;
}

/**
 * The agent that an answer goes to: that which wrote the message, if the answering user was sent it and it is active.
 * @param messageId as the answer names it in `in_response_to`, which may be anything.
 */
export async function answeredAgent(
  db: Kysely<Schema>,
  messageId: string | undefined,
  userId: string,
): Promise<AnsweredAgent | undefined> {
  if (messageId === undefined) return undefined;
  const [agent] = await writerOf(db, messageId, userId);
  return agent;
}

/** Uses the primary keys and outbox_by_message. */
const writerOf = statement<[messageId: string, recipientId: string], AnsweredAgent>(
  ({ unindexed }) => `
  select messages.sender_id as user_id, connections.id as connection_id
  from messages join connections on connections.id = messages.sender_connection_id
  where messages.id = ? and connections.user_id = messages.sender_id and connections.status = 'active'
    and exists (select 1 from outbox where message_id = messages.id and ${unindexed('recipient_id')} = ?)`,
);
