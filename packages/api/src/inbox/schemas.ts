import type { CallbackField } from '@mahilo/shared/callback/body';
import { type TSchema, Type } from 'typebox';
import { exampleId, id, time } from '../http/fields.ts';
import { Encryption, SenderSignature } from '../messages/schemas.ts';

export const DEFAULT_LIMIT = 50;
/** Deliveries acknowledged in one request at most; ten full answers. */
const MAX_ACKNOWLEDGED = 1000;
/** Longest wait (s), as of `Prefer: wait`. */
const MAX_WAIT_S = 30;

export const InboxQuery = Type.Object({
  connection_id: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Whose messages. Default: all of your polling connections.',
      examples: [exampleId('conn')],
    }),
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

const RECEIPT = `${exampleId('dlv')}.Zk3vQ9`;

export const Acknowledgement = Type.Object(
  {
    receipts: Type.Optional(
      Type.Array(
        Type.String({ maxLength: 100, description: 'A `receipt` of the inbox.', examples: [RECEIPT] }),
        {
          maxItems: MAX_ACKNOWLEDGED,
          description: 'Acknowledges exactly what was fetched: one of an earlier fetch acknowledges nothing.',
        },
      ),
    ),
    delivery_ids: Type.Optional(
      Type.Array(
        Type.String({
          maxLength: 100,
          description: 'A `delivery_id` of the inbox.',
          examples: [exampleId('dlv')],
        }),
        {
          maxItems: MAX_ACKNOWLEDGED,
          description: 'The same, whoever has fetched them last. One of the two is required.',
        },
      ),
    ),
  },
  {
    title: 'AcknowledgeMessages',
    description: 'What your agent has dealt with.',
    examples: [{ receipts: [RECEIPT] }],
    documented: { anyOf: [{ required: ['receipts'] }, { required: ['delivery_ids'] }] },
  },
);

export const Acknowledged = Type.Object(
  {
    acknowledged: Type.Integer({
      minimum: 0,
      description: 'How many were settled by this request.',
      examples: [1],
    }),
  },
  { title: 'AcknowledgedMessages', description: 'What is settled now.' },
);

const words = (description: string, example: string) => Type.String({ description, examples: [example] });

/** As callback/body.ts writes it. */
const callbackFields: Record<CallbackField, TSchema> = {
  message_id: id('msg', 'The id of the message: whoever knows it already has seen the message.'),
  delivery_id: id('dlv', 'The id of this delivery.'),
  correlation_id: Type.Optional(words('What belongs together, in the sender’s words.', 'dinner on Friday')),
  in_response_to: Type.Optional(words('The message that this one answers.', exampleId('msg'))),
  recipient_connection_id: id('conn', 'Your agent that gets it.'),
  sender: words('The username of the sender.', 'ann'),
  sender_user_id: id('usr', 'The id of the sender.'),
  sender_agent: words('The framework of the sending agent.', 'my-framework'),
  sender_connection_id: Type.Optional(words('The agent that sent it.', exampleId('conn'))),
  message: words('What is said.', 'Are you free on Friday?'),
  payload_type: words('What `message` is.', 'text/plain'),
  encryption: Type.Optional(Encryption),
  sender_signature: Type.Optional(SenderSignature),
  context: Type.Optional(words('What the agent should know beside.', 'We met in Rome.')),
  group_id: Type.Optional(id('grp', 'The group that it was sent to.')),
  group_name: Type.Optional(words('The name of that group.', 'book-club')),
  timestamp: time('When the message was accepted.'),
};

/** What is POSTed to an agent in callback mode. */
export const CallbackMessage = Type.Object(callbackFields, {
  title: 'CallbackMessage',
  description: 'A message as the registry POSTs it to an agent.',
});

const InboxMessage = Type.Object(
  { ...callbackFields, receipt: words('Acknowledge this.', RECEIPT) },
  {
    title: 'InboxMessage',
    description: 'The body of the callback that would have been sent, and its receipt.',
  },
);

/** The text that is answered, which is JSON already. */
export const InboxMessages = Type.Unsafe<string>(
  Type.Array(InboxMessage, {
    description: 'Oldest first. Each is yours for 60 seconds, and comes again if nobody acknowledges it.',
  }),
);
