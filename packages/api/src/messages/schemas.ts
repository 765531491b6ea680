import type { SentField } from '@mahilo/shared/messages/message-fields';
import { type Static, type TSchema, Type } from 'typebox';
import { deliveryFields } from '../deliveries/schemas.ts';
import { oneOf, text } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';

/** Schemas of all these fields, and perhaps of more. */
type SchemasOf<Field extends string> = Record<Field, TSchema> & Readonly<Record<string, TSchema>>;

const shortText = (maxLength = 255) => text({ minLength: 1, maxLength });

const Encryption = Type.Object({ alg: shortText(), key_id: shortText() });
const SenderSignature = Type.Object({ alg: shortText(), key_id: shortText(), signature: shortText(4096) });

const sendFields = {
  recipient: text({ minLength: 1, maxLength: 100, description: 'A username, or a group id.' }),
  recipient_type: Type.Optional(oneOf(['user', 'group'], { description: 'Default `user`.' })),
  recipient_connection_id: Type.Optional(Type.String({ maxLength: 100 })),
  sender_connection_id: Type.Optional(Type.String({ maxLength: 100, description: 'One of your own.' })),
  routing_hints: Type.Optional(
    Type.Object({
      labels: Type.Optional(Type.Array(Type.String({ maxLength: 50 }), { maxItems: 50 })),
      tags: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 50 })),
    }),
  ),
  message: text({ minLength: 1, description: 'At most MAX_PAYLOAD_SIZE bytes of UTF-8.' }),
  context: Type.Optional(text({ maxBytes: 4096 })),
  payload_type: Type.Optional(
    text({
      minLength: 1,
      maxLength: 255,
      description: 'Default `text/plain`; `application/mahilo+ciphertext` for end-to-end encryption.',
    }),
  ),
  encryption: Type.Optional(Encryption),
  sender_signature: Type.Optional(SenderSignature),
  correlation_id: Type.Optional(shortText()),
  in_response_to: Type.Optional(shortText()),
  idempotency_key: Type.Optional(shortText()),
} satisfies SchemasOf<SentField>;

export const SendBody = Type.Object(sendFields);

export type Send = Static<typeof SendBody>;

export const SendHeaders = Type.Object({
  'idempotency-key': Type.Optional(shortText()),
  prefer: Type.Optional(
    Type.String({
      description:
        '`wait=N`: answer when the delivery has settled, or after N seconds, at most 30 (RFC 7240).',
    }),
  ),
});

export const Sent = Type.Object({
  message_id: Type.String(),
  status: oneOf(['delivered', 'pending', 'failed']),
  delivery_id: Type.Optional(Type.String({ description: 'Of a message to a user.' })),
  recipients: Type.Optional(
    Type.Integer({ description: 'Of a message to a group: members that it is owed to.' }),
  ),
  delivered: Type.Optional(Type.Integer()),
  pending: Type.Optional(Type.Integer()),
  failed: Type.Optional(Type.Integer()),
  deduplicated: Type.Optional(
    Type.Literal(true, {
      description: 'This is the answer to an earlier request with the same idempotency key.',
    }),
  ),
});

/** The answer when a policy forbids a message. */
export const Rejected = Type.Object({
  message_id: Type.String(),
  status: Type.Literal('rejected'),
  rejection_reason: Type.String(),
  deduplicated: Type.Optional(Type.Literal(true)),
});

const Status = oneOf(['pending', 'delivered', 'failed', 'rejected']);

export const MessagesQuery = Type.Object({
  direction: Type.Optional(oneOf(['sent', 'received'])),
  since: Type.Optional(Type.String({ description: 'ISO 8601, or Unix seconds or milliseconds.' })),
  status: Type.Optional(Status),
  correlation_id: Type.Optional(Type.String({ maxLength: 255 })),
  ...PageQuery,
});

/** The fields of a sender that the history shows. */
type HistoryField = Exclude<SentField, 'sender_connection_id'>;

const messageFields = {
  id: Type.String(),
  correlation_id: Type.Optional(Type.String()),
  in_response_to: Type.Optional(Type.String()),
  sender: Type.String(),
  sender_agent: Type.String(),
  recipient: Type.String(),
  recipient_type: oneOf(['user', 'group']),
  message: Type.String(),
  payload_type: Type.String(),
  encryption: Type.Optional(Encryption),
  sender_signature: Type.Optional(SenderSignature),
  context: Type.Optional(Type.String()),
  status: Status,
  rejection_reason: Type.Optional(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
  delivered_at: Type.Optional(Type.String({ format: 'date-time' })),
  erased_at: Type.Optional(
    Type.String({ format: 'date-time', description: '`message` and `context` are empty since.' }),
  ),
} satisfies SchemasOf<HistoryField>;

export const Message = Type.Object(messageFields);

export const MessageWithDeliveries = Type.Object({
  ...messageFields,
  deliveries: Type.Array(Type.Object(deliveryFields)),
});
