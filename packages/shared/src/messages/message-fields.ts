import type { Selectable } from 'kysely';
import type { Schema } from '../db/schema.ts';

/** A message as it is stored. */
export type MessageRow = Selectable<Schema['messages']>;

/**
 * What a sender says in a message: each field's name in requests, answers and callbacks, and the column that stores
 * it. This list types the request, its idempotency hash, the row, the history, the callback and the inbox: they do
 * not compile when one of its fields is missing.
 */
export const SENT_FIELDS = {
  sender_connection_id: 'sender_connection_id',
  message: 'body',
  payload_type: 'payload_type',
  encryption: 'encryption_json',
  sender_signature: 'sender_signature_json',
  context: 'context',
  correlation_id: 'correlation_id',
  in_response_to: 'in_response_to',
} as const satisfies Readonly<Record<string, keyof MessageRow>>;

export type SentField = keyof typeof SENT_FIELDS;
export type SentColumn = (typeof SENT_FIELDS)[SentField];
export const SENT_COLUMNS: readonly SentColumn[] = Object.values(SENT_FIELDS);

/** The columns that the registry itself fills. */
const OWN_COLUMNS: Readonly<Record<Exclude<keyof MessageRow, SentColumn>, true>> = {
  id: true,
  sender_id: true,
  sender_username: true,
  sender_agent: true,
  recipient_type: true,
  recipient_id: true,
  recipient: true,
  status: true,
  rejection_reason: true,
  idempotency_key: true,
  key_hash: true,
  request_hash: true,
  created_at: true,
  delivered_at: true,
  stored_bytes: true,
  erased_at: true,
};

/** All columns of a message. */
export const MESSAGE_COLUMNS: readonly (keyof MessageRow)[] = [
  ...(Object.keys(OWN_COLUMNS) as (keyof typeof OWN_COLUMNS)[]),
  ...SENT_COLUMNS,
];

/** What the sender said, under its public names; undefined where absent. */
export function sentFields(row: Pick<MessageRow, SentColumn>) {
  return {
    sender_connection_id: row.sender_connection_id ?? undefined,
    message: row.body,
    payload_type: row.payload_type,
    encryption: parsed(row.encryption_json),
    sender_signature: parsed(row.sender_signature_json),
    context: row.context ?? undefined,
    correlation_id: row.correlation_id ?? undefined,
    in_response_to: row.in_response_to ?? undefined,
  } satisfies Record<SentField, unknown>;
}

function parsed(json: string | null) {
  return json === null ? undefined : JSON.parse(json);
}
