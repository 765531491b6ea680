import type { ErrorCode } from '../mahilo-error.ts';
import type { components } from '../openapi.ts';

/** A message that is none of these will never be opened; others may be, once keys are accepted or there. */
const FINAL: readonly ErrorCode[] = ['INVALID_CIPHERTEXT', 'WRONG_ADDRESS', 'REPLAYED'];

/** A message of a callback, of the inbox, or of the history. */
export interface Openable {
  message: string;
  payload_type: string;
  sender: string;
  message_id?: string;
  /** In the history. */
  id?: string;
  sender_connection_id?: string;
  recipient_connection_id?: string;
  recipient_type?: components['schemas']['RecipientType'];
  group_id?: string;
}

/** What a client with keys knows of a message. */
export interface Opening {
  /** It was encrypted, and signed by a key of its sender that is known. Else nobody vouches for it but the registry. */
  verified: boolean;
  /** When its sender signed it (ISO 8601). */
  signed_at?: string;
  /** It was dealt with before, under the same id. */
  repeated?: true;
  /** Why it stays encrypted: `message` is the ciphertext. */
  unopened?: { code: ErrorCode; reason: string };
}

export type Opened<Message> = Message & Opening;

/** A message as the registry may have it: what only a client can know, nobody tells it. */
export function bare<Message extends object>(message: Message): Message {
  const {
    verified: _,
    signed_at: __,
    repeated: ___,
    unopened: ____,
    ...rest
  } = message as Message & Partial<Opening>;
  return rest as unknown as Message;
}

/** Whether it may be opened another time, and so should come again. */
export const mayBeOpenedLater = ({ unopened: why }: Partial<Opening>): boolean =>
  why !== undefined && !FINAL.includes(why.code);
