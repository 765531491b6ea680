import { statement } from '../db/statement.ts';
import type { SentField } from '../messages/message-fields.ts';

/** What each further delivery of a message takes: a row of the outbox, and an event. */
const BYTES_OF_DELIVERY = 256;

/** Which fields of a message count with their bytes. The others are small: the schema of the request bounds them. */
const IS_COUNTED = {
  message: true,
  context: true,
  sender_connection_id: false,
  payload_type: false,
  encryption: false,
  sender_signature: false,
  correlation_id: false,
  in_response_to: false,
} as const satisfies Readonly<Record<SentField, boolean>>;

type CountedField = { [F in SentField]: (typeof IS_COUNTED)[F] extends true ? F : never }[SentField];

const COUNTED_FIELDS = Object.entries(IS_COUNTED)
  .filter(([, isCounted]) => isCounted)
  .map(([field]) => field as CountedField);

/** What a message counts (bytes) for the bound on what its sender may store. */
export function storedBytesOf(
  sent: Readonly<Record<CountedField, string | undefined>>,
  deliveries: number,
): number {
  const texts = COUNTED_FIELDS.reduce((bytes, field) => bytes + Buffer.byteLength(sent[field] ?? ''), 0);
  return texts + BYTES_OF_DELIVERY * Math.max(0, deliveries - 1);
}

/** What some of a sender's messages take, and where they end; null when there were none. */
export interface StoredPart {
  bytes: number;
  last: string | null;
  messages: number;
}

/** A sender's messages between two ids, up to a limit. Uses messages_by_sender alone. */
export const storedPart = statement<
  [senderId: string, after: string, before: string, limit: number],
  StoredPart
>(`
  select coalesce(sum(stored_bytes), 0) as bytes, max(id) as last, count(*) as messages
  from (select id, stored_bytes from messages where sender_id = ? and id > ? and id < ? order by id limit ?) as part`);

/** What is stored of a sender's decisions; `decisions_per_user` bounds how many that are. Uses decisions_unsent alone. */
export const storedDecisions = statement<[senderId: string], { bytes: number }>(`
  select coalesce(sum(stored_bytes), 0) as bytes from decisions where sender_id = ? and state <> 'sent'`);
