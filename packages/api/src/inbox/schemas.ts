import type { CallbackField } from '@mahilo/shared/callback/body';
import { type TSchema, Type } from 'typebox';

export const DEFAULT_LIMIT = 50;
/** Deliveries acknowledged in one request at most; ten full answers. */
const MAX_ACKNOWLEDGED = 1000;
/** Longest wait (s), as of `Prefer: wait`. */
const MAX_WAIT_S = 30;

export const InboxQuery = Type.Object({
  connection_id: Type.Optional(
    Type.String({ maxLength: 100, description: 'Default: all of your polling connections.' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT, description: 'Messages in an answer.' }),
  ),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_WAIT_S,
      default: 0,
      description: 'Seconds to wait for a message when there is none.',
    }),
  ),
});

export const Acknowledgement = Type.Object({
  receipts: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: MAX_ACKNOWLEDGED,
      description: 'Acknowledges exactly what was fetched: one of an earlier fetch acknowledges nothing.',
    }),
  ),
  delivery_ids: Type.Optional(
    Type.Array(Type.String({ maxLength: 100 }), {
      maxItems: MAX_ACKNOWLEDGED,
      description: 'The same, whoever has fetched them last. One of the two is required.',
    }),
  ),
});

export const Acknowledged = Type.Object({
  acknowledged: Type.Integer({ description: 'How many were settled by this request.' }),
});

/** As callback/body.ts writes it. */
const inboxFields: Record<CallbackField, TSchema> = {
  message_id: Type.String(),
  delivery_id: Type.String(),
  correlation_id: Type.Optional(Type.String()),
  in_response_to: Type.Optional(Type.String()),
  recipient_connection_id: Type.String(),
  sender: Type.String(),
  sender_user_id: Type.String(),
  sender_agent: Type.String(),
  sender_connection_id: Type.Optional(Type.String()),
  message: Type.String(),
  payload_type: Type.String(),
  encryption: Type.Optional(Type.Object({ alg: Type.String(), key_id: Type.String() })),
  sender_signature: Type.Optional(
    Type.Object({ alg: Type.String(), key_id: Type.String(), signature: Type.String() }),
  ),
  context: Type.Optional(Type.String()),
  group_id: Type.Optional(Type.String()),
  group_name: Type.Optional(Type.String()),
  timestamp: Type.String({ format: 'date-time', description: 'When the message was accepted.' }),
};

/** The text that is answered, which is JSON already. */
export const InboxMessages = Type.Unsafe<string>(
  Type.Array(Type.Object({ ...inboxFields, receipt: Type.String({ description: 'Acknowledge this.' }) }), {
    description: 'The bodies of the callbacks that would have been sent, oldest first.',
  }),
);
