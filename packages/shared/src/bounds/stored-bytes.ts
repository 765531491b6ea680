import { statement } from '../db/statement.ts';

/** What each further delivery of a message takes: a row of the outbox, and an event. */
const BYTES_OF_DELIVERY = 256;

/** What a message counts for the bound on what its sender may store. */
export function storedBytesOf(message: {
  body: string;
  context: string | undefined;
  deliveries: number;
}): number {
  const context = message.context === undefined ? 0 : Buffer.byteLength(message.context);
  return Buffer.byteLength(message.body) + context + BYTES_OF_DELIVERY * Math.max(0, message.deliveries - 1);
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
  from (select id, stored_bytes from messages where sender_id = ? and id > ? and id < ? order by id limit ?)`);

/** What is stored of a sender's decisions; `decisions_per_user` bounds how many that are. Uses decisions_unsent alone. */
export const storedDecisions = statement<[senderId: string], { bytes: number }>(`
  select coalesce(sum(stored_bytes), 0) as bytes from decisions where sender_id = ? and state <> 'sent'`);
