import { isoTime } from '@mahilo/shared/clock';
import type { Schema } from '@mahilo/shared/db/schema';
import { statement } from '@mahilo/shared/db/statement';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import type { Kysely } from 'kysely';
import { ENCRYPTED } from './fields.ts';

/** Messages of each direction that are looked at: those of others come between them. */
const LOOKED_AT = 500;
/** Characters of a message that are read, and that its summary has. */
const READ = 600;
const SUMMARY = 140;

interface Exchanged {
  id: string;
  text: string;
  payload_type: string;
  encryption_json: string | null;
  created_at: number;
}

const COLUMNS = `messages.id, substr(body, 1, ${READ}) as text, payload_type, encryption_json,
  messages.created_at`;

/** Uses messages_by_sender. */
const sentTo = statement<[senderId: string, recipientId: string, limit: number], Exchanged>(`
  select ${COLUMNS} from messages
  where id in (select id from messages where sender_id = ? order by id desc limit ${LOOKED_AT})
    and recipient_type = 'user' and recipient_id = ? and status <> 'rejected' and erased_at is null
  order by messages.id desc limit ?`);

/** Uses outbox_by_recipient. */
const receivedFrom = statement<[recipientId: string, senderId: string, limit: number], Exchanged>(`
  select ${COLUMNS} from messages
  where id in (
      select message_id from outbox where recipient_id = ? and message_id > '' order by message_id desc limit ${LOOKED_AT})
    and recipient_type = 'user' and sender_id = ? and erased_at is null
  order by messages.id desc limit ?`);

/** The last messages that two people have sent each other, newest first, among the last ones that the first has at all. */
export async function recentInteractions(db: Kysely<Schema>, userId: string, otherId: string, limit: number) {
  if (limit === 0) return [];
  const sent = await sentTo(db, userId, otherId, limit);
  const received = await receivedFrom(db, userId, otherId, limit);
  return [
    ...sent.map((row) => ({ row, direction: 'outbound' as const })),
    ...received.map((row) => ({ row, direction: 'inbound' as const })),
  ]
    .sort((one, other) => (one.row.id < other.row.id ? 1 : -1))
    .slice(0, limit)
    .map(({ row, direction }) => ({
      direction,
      message_id: row.id,
      summary: summaryOf(row),
      timestamp: isoTime(row.created_at),
    }));
}

/** The beginning of a message in one line. */
function summaryOf(message: Exchanged): string {
  if (isCiphertext(message)) return ENCRYPTED;
  return [...message.text.replaceAll(/\s+/g, ' ').trim()].slice(0, SUMMARY).join('');
}
