import type { Connection } from './connection.ts';
import type { components } from './openapi.ts';

type Schemas = components['schemas'];

/** TypeIDs (prefix, UUIDv7 in base 32). */
const GROUP_ID = /^grp_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
export const CONNECTION_ID = /^conn_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

export interface SendOptions {
  /** The username of a friend, or the id of a group. */
  to: string;
  /** At most 32,768 bytes of UTF-8, unless the operator says otherwise. */
  message: string;
  /** Whether `to` is a group. Without it the form of `to` tells. */
  group?: boolean;
  /** Which of the recipient's agents would be best: its label, or the id of its connection. */
  agent?: string;
  /** Names the conversation; answers carry it on. */
  topic?: string;
  /** The id of the message that this one answers. */
  inResponseTo?: string;
  /** What the other agent should know beside. */
  context?: string;
  /** Default `text/plain`. */
  payloadType?: string;
  /**
   * Encrypts it, so that the registry cannot read it: `true` where the other side has keys, `required` or not at all. Who
   * had keys once gets nothing in the open. `new Mahilo({ keys })` says where the keys are.
   */
  encrypt?: boolean | 'required';
  /** How `message` is encrypted by you, and who signed it: both are handed on. */
  encryption?: Schemas['Encryption'];
  senderSignature?: Schemas['SenderSignature'];
  /** The id of your connection that sends it. */
  from?: string;
  /** The same key sends nothing twice; without it each call makes one of its own. */
  idempotencyKey?: string;
  /** Answer when the delivery has settled, or after so many seconds, at most 30. */
  waitSeconds?: number;
  signal?: AbortSignal;
}

/** What the registry answers to a send; one that a policy forbids has the status `rejected`, and is no error. */
export type Sent = Schemas['SentMessage'] | Schemas['RejectedMessage'];

/** @throws MahiloError when the message was not accepted, or nobody knows. */
export async function send(connection: Connection, options: SendOptions): Promise<Sent> {
  const { waitSeconds = 0, signal } = options;
  const { json } = await connection.call({
    method: 'POST',
    path: '/messages/send',
    body: bodyOf(options),
    headers: waitSeconds > 0 ? { prefer: `wait=${waitSeconds}` } : {},
    signal,
    // The idempotency key makes it one message.
    isRepeatable: true,
    waitMs: waitSeconds * 1000,
    isAnswer: isRejection,
  });
  return json as Sent;
}

/** 403 has two forms: an error, and the message that a policy rejected. */
function isRejection(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'message_id' in json;
}

export const isToGroup = ({ to, group = GROUP_ID.test(to) }: Pick<SendOptions, 'to' | 'group'>): boolean =>
  group;

function bodyOf(options: SendOptions): Schemas['SendMessage'] {
  const { to, agent, idempotencyKey = crypto.randomUUID() } = options;
  const fields = {
    recipient: to,
    recipient_type: isToGroup(options) ? ('group' as const) : undefined,
    ...(agent !== undefined && toAgent(agent)),
    sender_connection_id: options.from,
    message: options.message,
    context: options.context,
    payload_type: options.payloadType,
    encryption: options.encryption,
    sender_signature: options.senderSignature,
    correlation_id: options.topic,
    in_response_to: options.inResponseTo,
    idempotency_key: idempotencyKey,
  };
  // JSON leaves out what is undefined.
  return fields as Schemas['SendMessage'];
}

function toAgent(agent: string): Pick<Schemas['SendMessage'], 'recipient_connection_id' | 'routing_hints'> {
  return CONNECTION_ID.test(agent)
    ? { recipient_connection_id: agent }
    : { routing_hints: { labels: [agent] } };
}
