import { systemClock } from '@mahilo/shared/clock';
import { openDatabase } from '@mahilo/shared/db/open';
import { appendEvents } from '@mahilo/shared/events/append';
import { idSource } from '@mahilo/shared/ids';
import { enqueue } from '@mahilo/shared/outbox/enqueue';
import { systemRandom } from '@mahilo/shared/random';
import { messageText } from '../rig/message-text.ts';
import { now } from '../rig/now.ts';
import type { Pair } from '../rig/people.ts';

const newId = idSource(systemClock, systemRandom);

/** So many are written at a time: on a server each statement is a journey. */
const AT_ONCE = 200;

/**
 * Writes `count` messages as the API would, in one transaction, the pairs in turn: waiting workers find
 * all of them at once.
 * @returns when the commit was done, on the clock of `now`.
 */
export async function owe(databaseUrl: string, pairs: readonly Pair[], count: number): Promise<number> {
  const db = await openDatabase(databaseUrl);
  try {
    await db.write(async (trx) => {
      const at = db.clock.now();
      for (let n = 0; n < count; n += AT_ONCE) {
        const owed = Array.from({ length: Math.min(AT_ONCE, count - n) }, (_, k) => owedBy(pairs, n + k, at));
        await trx
          .insertInto('messages')
          .values(owed.map(({ message }) => message))
          .execute();
        await enqueue(
          trx,
          owed.map(({ delivery }) => delivery),
          at,
        );
        await appendEvents(
          trx,
          owed.map(({ event }) => event),
          at,
        );
      }
    });
    return now();
  } finally {
    await db.close();
  }
}

/** The rows of message `n`. */
function owedBy(pairs: readonly Pair[], n: number, at: number) {
  const pair = pairs[n % pairs.length];
  if (pair === undefined) throw new Error('There must be somebody who sends.');
  const message = messageRow(pair, n, at);
  const { connectionId, recipient, sender } = pair;
  const delivery = { id: newId('dlv'), messageId: message.id, recipientId: recipient.id, connectionId };
  const data = {
    message_id: message.id,
    delivery_id: delivery.id,
    sender: sender.username,
    connection_id: connectionId,
  };
  return { message, delivery, event: { userId: recipient.id, type: 'message_received' as const, data } };
}

function messageRow({ sender, recipient }: Pair, n: number, at: number) {
  return {
    id: newId('msg'),
    sender_id: sender.id,
    sender_username: sender.username,
    sender_agent: 'agent',
    recipient_type: 'user' as const,
    recipient_id: recipient.id,
    recipient: recipient.username,
    body: messageText(n),
    payload_type: 'text/plain',
    status: 'pending' as const,
    created_at: at,
  };
}
