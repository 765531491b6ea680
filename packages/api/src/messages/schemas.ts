import type { ErrorCode } from '@mahilo/shared/errors';
import type { SentField } from '@mahilo/shared/messages/message-fields';
import type { Static, TSchema } from 'typebox';
import { Encryption, SenderSignature } from '../callback/schemas.ts';
import { CounterpartFields } from '../conversations/counterpart.ts';
import { DeliverySummary } from '../deliveries/schemas.ts';
import { exampleId, id, oneOf, shortText, text, time } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';
import { SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';
import { selectorsInRequest } from '../policies/selectors.ts';

/** Schemas of all these fields, and perhaps of more. */
type SchemasOf<Field extends string> = Record<Field, TSchema> & Readonly<Record<string, TSchema>>;

const RecipientType = oneOf(['user', 'group'], {
  title: 'RecipientType',
  description: 'Whether `recipient` is a person or a group.',
});

/** What a route answers that looks for the way of a message. */
export const ROUTING_ERRORS = [
  'USER_NOT_FOUND',
  'NOT_FRIENDS',
  'CONNECTION_NOT_FOUND',
  'NO_CONNECTIONS',
  'GROUP_NOT_FOUND',
  'NOT_MEMBER',
  'STALE_KEY',
] as const satisfies readonly ErrorCode[];

const MESSAGE = 'Are you free on Friday?';
const CORRELATION_ID = shortText('What belongs together, in words of yours.', 'dinner on Friday');
const IN_RESPONSE_TO = shortText('The message that this one answers.', exampleId('msg'));

/** An example. */
export const RESOLUTION_ID = 'res_4f8TxVbN1cRjYpQe6u';

/** Whom a message is for. */
export const recipientFields = {
  recipient: text({
    minLength: 1,
    maxLength: 100,
    description: 'A username, or the id of a group.',
    examples: ['ben'],
  }),
  recipient_type: Type.Optional(
    oneOf(['user', 'group'], { description: 'What `recipient` names. Default `user`.' }),
  ),
};

const sendFields = {
  ...recipientFields,
  recipient_connection_id: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'The agent that gets it; not for a group. Without it the registry chooses.',
      examples: [exampleId('conn')],
    }),
  ),
  sender_connection_id: Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'The agent that sends it, one of your own.',
      examples: [exampleId('conn')],
    }),
  ),
  routing_hints: Type.Optional(
    Type.Object(
      {
        labels: Type.Optional(
          Type.Array(
            Type.String({ maxLength: 50, description: 'A label of an agent.', examples: ['home'] }),
            { maxItems: 50, description: 'The first agent with one of these labels gets it.' },
          ),
        ),
        tags: Type.Optional(
          Type.Array(
            Type.String({ maxLength: 64, description: 'A capability of an agent.', examples: ['calendar'] }),
            { maxItems: 50, description: 'Else the first one with one of these capabilities.' },
          ),
        ),
      },
      { description: 'Which of the recipient’s agents would be best.' },
    ),
  ),
  message: text({
    minLength: 1,
    description: 'At most MAX_PAYLOAD_SIZE bytes of UTF-8 (32,768 unless the operator says otherwise).',
    examples: [MESSAGE],
  }),
  context: Type.Optional(
    text({
      maxBytes: 4096,
      description: 'What the agent should know beside.',
      examples: ['We met in Rome.'],
    }),
  ),
  payload_type: Type.Optional(
    text({
      minLength: 1,
      maxLength: 255,
      description:
        'What `message` is. Default `text/plain`; `application/mahilo+ciphertext` for end-to-end encryption.',
      examples: ['text/plain'],
    }),
  ),
  encryption: Type.Optional(Encryption),
  sender_signature: Type.Optional(SenderSignature),
  correlation_id: Type.Optional(CORRELATION_ID),
  in_response_to: Type.Optional(IN_RESPONSE_TO),
  idempotency_key: Type.Optional(
    shortText('Repeat the request with the same key, and it is one message.', '0f9a2c1e'),
  ),
  resolution_id: Type.Optional(
    shortText('The decision that allows it (`POST /plugin/local-decisions/commit`).', RESOLUTION_ID, 120),
  ),
  ...selectorsInRequest,
} satisfies SchemasOf<SentField>;

export const SendBody = Type.Object(sendFields, {
  title: 'SendMessage',
  description: 'A message to a friend, or to a group that you are a member of.',
  examples: [{ recipient: 'ben', message: MESSAGE, idempotency_key: '0f9a2c1e' }],
});

export type Send = Static<typeof SendBody>;

export const SendHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    shortText('The same as `idempotency_key`; both, and different, are refused.', '0f9a2c1e'),
  ),
  prefer: Type.Optional(
    Type.String({
      description:
        '`wait=N`: answer when the delivery has settled, or after N seconds, at most 30 (RFC 7240).',
      examples: ['wait=10'],
    }),
  ),
});

const MessageId = id('msg', 'The id of the message.');

const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, examples: [example] });

const Deduplicated = Type.Literal(true, {
  description: 'This is the answer to an earlier request with the same idempotency key.',
});

const RejectionReason = Type.String({
  description: 'Why a policy forbids the message.',
  examples: ['The message has more than 200 characters.'],
});

const heldDecision = oneOf(['allow', 'ask', 'deny'], { description: 'What was decided.' });
const heldMode = oneOf(['full_send', 'review_required', 'hold_for_approval', 'blocked'], {
  description: 'What becomes of it.',
});

const HeldResolution = Type.Object(
  {
    resolution_id: Type.String({
      description: 'The id of the decision; the one of the request if it has one.',
      examples: [RESOLUTION_ID],
    }),
    decision: heldDecision,
    delivery_mode: heldMode,
    summary: Type.String({
      description: 'Why, for people.',
      examples: ['Review required: The message is longer than maxLength (200) of a policy.'],
    }),
    reason_code: Type.String({
      description: 'Why, for programs.',
      examples: ['policy.ask.global.heuristic'],
    }),
  },
  { title: 'HeldResolution', description: 'Of a message that is held: what was decided.' },
);

const HeldResult = Type.Object(
  {
    recipient: Type.String({ description: 'A username.', examples: ['ben'] }),
    decision: heldDecision,
    delivery_mode: heldMode,
    delivery_status: oneOf(['review_required', 'rejected'], { description: 'How things stand.' }),
  },
  { title: 'HeldRecipientResult', description: 'What was decided about one recipient.' },
);

export const Sent = Type.Object(
  {
    message_id: MessageId,
    status: oneOf(['delivered', 'pending', 'failed', 'rejected', 'review_required'], {
      description:
        'How things stand at this moment. `review_required`: it is held until you decide (`POST /plugin/reviews/{id}/decision`). `rejected`: you, or a policy, did not allow what was held, or was sent with `resolution_id`.',
    }),
    rejection_reason: Type.Optional(RejectionReason),
    delivery_id: Type.Optional(id('dlv', 'The id of its delivery, of a message to a person.')),
    recipients: Type.Optional(count('Of a message to a group: members that it is owed to.', 3)),
    delivered: Type.Optional(count('How many of them have it.', 1)),
    pending: Type.Optional(count('How many do not have it yet.', 2)),
    failed: Type.Optional(count('How many will not get it.', 0)),
    deduplicated: Type.Optional(Deduplicated),
    resolution: Type.Optional(HeldResolution),
    recipient_results: Type.Optional(
      Type.Array(HeldResult, { description: 'Of a message that is held: one for each recipient.' }),
    ),
  },
  {
    title: 'SentMessage',
    description: 'The message is on disk, and its delivery is the registry’s duty, unless it is held.',
  },
);

/** The answer when a policy forbids a message. */
export const Rejected = Type.Object(
  {
    message_id: MessageId,
    status: Type.Literal('rejected', { description: 'It is kept for its sender alone.' }),
    rejection_reason: RejectionReason,
    deduplicated: Type.Optional(Deduplicated),
  },
  { title: 'RejectedMessage', description: 'A policy forbids the message.' },
);

const STATUSES = ['pending', 'delivered', 'failed', 'rejected'] as const;

export const MessagesQuery = Type.Object({
  direction: Type.Optional(
    oneOf(['sent', 'received'], { description: 'Only what you sent, or what you were sent.' }),
  ),
  since: Type.Optional(
    Type.String({
      description: 'Only what was accepted since: ISO 8601, or Unix seconds or milliseconds.',
      ...SINCE,
    }),
  ),
  status: Type.Optional(oneOf(STATUSES, { description: 'Only messages with this status.' })),
  correlation_id: Type.Optional(
    Type.String({
      maxLength: 255,
      description: 'Only messages with this correlation id; empty: those without one.',
      examples: ['dinner on Friday'],
    }),
  ),
  ...CounterpartFields,
  include: Type.Optional(
    oneOf(['delivery_counts'], { description: '`delivery_counts`: what became of each, in numbers.' }),
  ),
  ...PageQuery,
});

/** The fields of a sender that the history shows. */
type HistoryField = Exclude<SentField, 'sender_connection_id'>;

const messageFields = {
  id: MessageId,
  correlation_id: Type.Optional(CORRELATION_ID),
  in_response_to: Type.Optional(IN_RESPONSE_TO),
  sender: Type.String({ description: 'The username of the sender.', examples: ['ann'] }),
  sender_agent: Type.String({
    description: 'The framework of the sending agent.',
    examples: ['my-framework'],
  }),
  recipient: Type.String({ description: 'A username, or the name of a group.', examples: ['ben'] }),
  recipient_type: RecipientType,
  message: Type.String({ description: 'What was said; empty after it was erased.', examples: [MESSAGE] }),
  payload_type: Type.String({ description: 'What `message` is.', examples: ['text/plain'] }),
  encryption: Type.Optional(Encryption),
  sender_signature: Type.Optional(SenderSignature),
  context: Type.Optional(
    Type.String({ description: 'What the agent should know beside.', examples: ['We met in Rome.'] }),
  ),
  status: oneOf(STATUSES, {
    title: 'MessageStatus',
    description: '`delivered` once one of its deliveries has succeeded; `pending` while one may still.',
  }),
  rejection_reason: Type.Optional(RejectionReason),
  created_at: time('When it was accepted.'),
  delivered_at: Type.Optional(time('When it was delivered first.')),
  erased_at: Type.Optional(time('When its sender erased it: `message` and `context` are empty since.')),
} satisfies SchemasOf<HistoryField>;

const DeliveryCounts = Type.Object(
  {
    delivered: count('How many have it.', 11),
    waiting: count('How many do not have it yet.', 1),
    failed: count('Dead letters.', 0),
    cancelled: count('How many will not get it.', 0),
    attempts: count('Attempts of all of them.', 14),
  },
  {
    title: 'DeliveryCounts',
    description:
      'The deliveries of a message: all of them for its sender, for a recipient their own. Counts stop at 1,000 of them.',
  },
);

export const Message = Type.Object(
  { ...messageFields, delivery_counts: Type.Optional(DeliveryCounts) },
  { title: 'Message', description: 'A message that you sent or were sent.' },
);

export const MessageWithDeliveries = Type.Object(
  {
    ...messageFields,
    deliveries: Type.Array(DeliverySummary, {
      description: 'All of them for its sender, for a recipient their own.',
    }),
  },
  { title: 'MessageWithDeliveries', description: 'A message, and what has become of it.' },
);
