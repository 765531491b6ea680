import { ATTEMPT_OUTCOMES } from '@mahilo/shared/attempt-outcomes';
import type { OutboxState } from '@mahilo/shared/db/schema';
import { Type } from 'typebox';
import { oneOf } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';
import { HOLDERS } from '../waiting/hold.ts';

const STATES = ['pending', 'leased', 'delivered', 'failed', 'cancelled'] as const;
const State = oneOf(STATES, {
  description:
    '`leased`: a callback is on its way, or a polling agent has fetched it and not acknowledged it.',
});
const Time = Type.String({ format: 'date-time' });

/** A delivery as every answer shows it. */
export const deliveryFields = {
  id: Type.String(),
  recipient: Type.String(),
  connection_id: Type.String(),
  status: State,
  attempts: Type.Integer(),
  next_attempt_at: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'When it will be tried, all pauses included; absent when that does not depend on time alone.',
    }),
  ),
  held_by: Type.Optional(oneOf(HOLDERS, { description: 'What keeps it from being tried now.' })),
  held_because: Type.Optional(Type.String({ description: 'The same in one sentence, for people.' })),
  last_error: Type.Optional(Type.String()),
  delivered_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'The first success; a resend does not change it.' }),
  ),
};

export const Delivery = Type.Object({
  ...deliveryFields,
  message_id: Type.String(),
  sender: Type.String(),
  created_at: Time,
});

/** What is owed, as `waiting` of an agent's health counts it. */
const OWED = 'waiting';

export const DeliveriesQuery = Type.Object({
  status: Type.Optional(
    oneOf([...STATES, OWED], { description: '`waiting`: what is `pending` or `leased`.' }),
  ),
  connection_id: Type.Optional(Type.String({ maxLength: 100 })),
  ...PageQuery,
});

/** The states that a filter of a list names. */
export function statesOf(status: (typeof STATES)[number] | typeof OWED): readonly OutboxState[] {
  return status === OWED ? ['pending', 'leased'] : [status];
}

export const AttemptAnswer = Type.Object({
  attempt: Type.Integer(),
  started_at: Time,
  duration_ms: Type.Integer(),
  outcome: oneOf(ATTEMPT_OUTCOMES),
  status_code: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
  response_excerpt: Type.Optional(
    Type.String({
      description: 'Beginning of the agent’s answer; only for the owner of the receiving connection.',
    }),
  ),
});

export const Resent = Type.Object({
  delivery_id: Type.String(),
  message_id: Type.String(),
  status: Type.Literal('pending'),
});

export const RecoverBody = Type.Object({
  since: Type.Unsafe<string | number>({
    type: ['string', 'number'],
    description: 'Deliveries of messages accepted since: ISO 8601, or Unix seconds or milliseconds.',
  }),
});

export const Recovered = Type.Object({ requeued: Type.Integer() });
