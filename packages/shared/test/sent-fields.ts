import type { SentField } from '../src/messages/message-fields.ts';

/** Each optional field of a message, with its own value; the test adds the sender's agent. */
export const OPTIONAL_FIELDS: Readonly<
  Record<Exclude<SentField, 'message' | 'sender_connection_id'>, unknown>
> = {
  payload_type: 'application/mahilo+ciphertext',
  encryption: { alg: 'x25519', key_id: 'k1' },
  sender_signature: { alg: 'ed25519', key_id: 'k2', signature: 'c2ln' },
  context: 'about lunch',
  correlation_id: 'conversation-1',
  in_response_to: 'a message of long ago',
};
