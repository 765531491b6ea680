import { ATTEMPT_OUTCOMES } from '@mahilo/shared/attempt-outcomes';
import type { OutboxState } from '@mahilo/shared/db/schema';
import { id, oneOf, time, username } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';
import { SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';
import { HOLDERS } from '../waiting/hold.ts';
import { DeliveryFilterFields } from './delivery-filter.ts';

const STATES = ['pending', 'leased', 'delivered', 'failed', 'cancelled'] as const;

/** A delivery as every answer shows it. */
export const deliveryFields = {
  id: id('dlv', 'The id of the delivery.'),
  recipient: username('Who gets it.'),
  connection_id: id('conn', 'The agent that gets it.'),
  status: oneOf(STATES, {
    title: 'DeliveryStatus',
    description:
      '`leased`: a callback is on its way, or a polling agent has fetched it and not acknowledged it.',
  }),
  attempts: Type.Integer({ minimum: 0, description: 'Attempts so far, of this cycle.', examples: [1] }),
  next_attempt_at: Type.Optional(
    time('When it will be tried, all pauses included; absent when that does not depend on time alone.'),
  ),
  held_by: Type.Optional(
    oneOf(HOLDERS, { title: 'DeliveryHolder', description: 'What keeps it from being tried now.' }),
  ),
  held_because: Type.Optional(
    Type.String({
      description: 'The same in one sentence, for people.',
      examples: ['The last attempt failed; the next one follows.'],
    }),
  ),
  last_error: Type.Optional(
    Type.String({ description: 'How the last attempt that failed ended.', examples: ['HTTP 500'] }),
  ),
  delivered_at: Type.Optional(time('The first success; a resend does not change it.')),
};

/** A delivery below its message. */
export const DeliverySummary = Type.Object(deliveryFields, {
  title: 'DeliverySummary',
  description: 'What has become of a message on its way to one agent.',
});

export const Delivery = Type.Object(
  {
    ...deliveryFields,
    message_id: id('msg', 'The message that it is about.'),
    group_id: Type.Optional(id('grp', 'The group that the message was sent to.')),
    sender: username('Who sent it.'),
    created_at: time('When the message was accepted.'),
  },
  { title: 'Delivery', description: 'A delivery, with what it is about.' },
);

/** What is owed, as `waiting` of an agent's health counts it. */
const OWED = 'waiting';

export const DeliveriesQuery = Type.Object({
  status: Type.Optional(
    oneOf([...STATES, OWED], {
      description: 'Only deliveries with this status; `waiting`: what is `pending` or `leased`.',
    }),
  ),
  ...DeliveryFilterFields,
  ...PageQuery,
});

/** The states that a filter of a list names. */
export function statesOf(status: (typeof STATES)[number] | typeof OWED): readonly OutboxState[] {
  return status === OWED ? ['pending', 'leased'] : [status];
}

export const AttemptAnswer = Type.Object(
  {
    attempt: Type.Integer({ minimum: 1, description: 'The number of the attempt.', examples: [1] }),
    started_at: time('When it began.'),
    duration_ms: Type.Integer({ minimum: 0, description: 'How long it took.', examples: [120] }),
    outcome: oneOf(ATTEMPT_OUTCOMES, { title: 'AttemptOutcome', description: 'How it ended.' }),
    status_code: Type.Optional(
      Type.Integer({ description: 'The HTTP status of the agent’s answer.', examples: [503] }),
    ),
    error: Type.Optional(Type.String({ description: 'What was wrong, in words.', examples: ['HTTP 503'] })),
    response_excerpt: Type.Optional(
      Type.String({
        description: 'Beginning of the agent’s answer; only for the owner of the receiving connection.',
        examples: ['Service Unavailable'],
      }),
    ),
  },
  { title: 'Attempt', description: 'One attempt to deliver.' },
);

export const Resent = Type.Object(
  {
    delivery_id: id('dlv', 'The id of the delivery, the same as before.'),
    message_id: id('msg', 'The id of the message, the same as before.'),
    status: Type.Literal('pending', { description: 'It is tried again from the beginning.' }),
  },
  { title: 'ResentDelivery', description: 'A fresh cycle of attempts begins.' },
);

export const ResendMatchingBody = Type.Object(
  {
    ...DeliveryFilterFields,
    dry_run: Type.Optional(Type.Boolean({ description: 'Only count. Default false.', examples: [true] })),
    cursor: PageQuery.cursor,
  },
  {
    title: 'ResendMatching',
    description:
      'Which dead letters are sent again: those that meet all of it, so all of them if it says nothing.',
    examples: [{ with: 'ben', dry_run: true }],
  },
);

const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [12] });

export const ResentMatching = Type.Object(
  {
    matched: count('Dead letters that match, in this piece.'),
    resendable: count(
      'Of them, those that can go out again: their agents are there, and the sender may still write to them.',
    ),
    requeued: count('How many are tried again; 0 in a dry run.'),
    cursor: Type.Optional(
      Type.String({
        description: 'There may be more: ask again with it.',
        examples: ['ZGx2XzAxbTg0end3ZzBlMjh0aGI3a3RranpjMXJy'],
      }),
    ),
  },
  { title: 'ResentMatching', description: 'What became of a piece of the dead letters that match.' },
);

export const RecoverBody = Type.Object(
  {
    since: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: 'Deliveries of messages accepted since: ISO 8601, or Unix seconds or milliseconds.',
      ...SINCE,
      documented: { ...SINCE.documented, minimum: 0, maximum: 253_402_300_799_999 },
    }),
  },
  { title: 'RecoverAgent', description: 'Since when to requeue.' },
);

export const Recovered = Type.Object(
  {
    requeued: Type.Integer({ minimum: 0, description: 'Deliveries that are tried again.', examples: [3] }),
  },
  { title: 'RecoveredAgent', description: 'What is tried again.' },
);
