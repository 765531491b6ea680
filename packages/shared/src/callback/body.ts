import { isoTime } from '../clock.ts';
import { type MessageRow, type SentColumn, type SentField, sentFields } from '../messages/message-fields.ts';

/** What a callback contains of a message, as the database has it. */
export interface CallbackRow
  extends Pick<MessageRow, SentColumn | 'sender_id' | 'sender_username' | 'sender_agent'> {
  id: string;
  connection_id: string;
  message_id: string;
  group_id: string | null;
  group_name: string | null;
  accepted_at: number;
}

/**
 * The body of a callback. Nothing in it changes after the message was accepted, so all attempts have the same bytes.
 * Absent values are left out.
 */
export function callbackBody(row: CallbackRow): string {
  return JSON.stringify(callbackFields(row));
}

export type CallbackField = keyof ReturnType<typeof callbackFields>;

/**
 * A new field comes last and is left out where it is absent: a retry after an upgrade has the bytes of earlier
 * attempts.
 */
function callbackFields(row: CallbackRow) {
  const sent = sentFields(row);
  return {
    message_id: row.message_id,
    delivery_id: row.id,
    correlation_id: sent.correlation_id,
    in_response_to: sent.in_response_to,
    recipient_connection_id: row.connection_id,
    sender: row.sender_username,
    sender_user_id: row.sender_id,
    sender_agent: row.sender_agent,
    sender_connection_id: sent.sender_connection_id,
    message: sent.message,
    payload_type: sent.payload_type,
    encryption: sent.encryption,
    sender_signature: sent.sender_signature,
    context: sent.context,
    group_id: row.group_id ?? undefined,
    group_name: row.group_name ?? undefined,
    timestamp: isoTime(row.accepted_at),
  } satisfies Record<SentField, unknown> & Readonly<Record<string, unknown>>;
}
