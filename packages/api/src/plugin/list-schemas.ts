import { HELD_STATES } from '@mahilo/shared/decisions/held';
import { exampleId, id, oneOf, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import {
  ContractVersion,
  decision,
  deliveryMode,
  orNull,
  resolution,
  SelectorsAnswer,
  selectorFieldsAnswer,
} from './fields.ts';
import { DirectionAnswer, ListQuery } from './queries.ts';

const told = (description: string, example: string) => Type.String({ description, examples: [example] });
const HELD = oneOf(HELD_STATES, { description: 'How it is held.' });

export const ReviewsQuery = Type.Object({
  status: Type.Optional(
    Type.String({
      maxLength: 100,
      description:
        '`open` (the default), `review_required`, `approval_pending`, or some with commas between.',
      examples: ['open'],
    }),
  ),
  ...ListQuery,
});

const Audit = Type.Object(
  {},
  {
    additionalProperties: true,
    title: 'DecisionAudit',
    description: 'How it was decided, as the agent has told.',
    examples: [{ reason: 'It names a place.' }],
  },
);

const nullable = (description: string) => orNull(Type.String(), description);
const outbound = Type.Literal('outbound', { description: 'It is one of yours.' });
const recipientFields = {
  id: told('The id of the person or the group.', exampleId('usr')),
  type: oneOf(['user', 'group'], { description: 'A person or a group.' }),
  username: nullable('Of a person.'),
};
const references = {
  correlation_id: nullable('As you have given it.'),
  in_response_to: nullable('The message that it answers.'),
};

const reviewFields = {
  review_id: told('To decide about it.', `rev_${exampleId('msg')}`),
  message_id: id('msg', 'The id that the message will have.'),
  resolution_id: resolution('Of the decision to hold it.'),
  status: HELD,
  queue_direction: outbound,
  decision: decision('What was decided.'),
  delivery_mode: deliveryMode('What was decided.'),
  summary: told('Why it is held, for people.', 'It names a place.'),
  reason_code: told('Why it is held.', 'policy.ask.user.structured'),
  created_at: time('Since when.'),
  ...references,
  payload_type: told('What the message is.', 'text/plain'),
  message_preview: told('The beginning of the message: 240 characters.', 'I am at the station.'),
  context_preview: nullable('The beginning of its context: 200 characters.'),
  selectors: SelectorsAnswer,
  sender: Type.Object(
    {
      user_id: id('usr', 'Your own id.'),
      username: told('Your own name.', 'ann'),
      connection_id: nullable('The agent that would have sent it.'),
      agent: told('Its framework.', 'openclaw'),
    },
    { title: 'ReviewSender', description: 'Who would have sent it.' },
  ),
  recipient: Type.Object(
    { ...recipientFields, connection_id: nullable('Chosen when it is sent.') },
    { title: 'ReviewRecipient', description: 'Whom it is for.' },
  ),
  applied_policy: Type.Object(
    {
      matched_policy_ids: Type.Array(told('A policy.', exampleId('pol')), {
        description: 'The policies that matched.',
      }),
      winning_policy_id: nullable('The one that decided.'),
    },
    { title: 'ReviewPolicy', description: 'Which policies it was.' },
  ),
  audit: Audit,
};

const Review = Type.Object(reviewFields, {
  title: 'Review',
  description: 'A message of yours that waits for you to decide.',
});

export const WholeReview = Type.Object(
  {
    contract_version: ContractVersion,
    ...reviewFields,
    message: told('The whole message; as it was encrypted, if it was.', 'I am at the station.'),
    context: nullable('The whole context.'),
  },
  { title: 'WholeReview', description: 'A message of yours that waits for you to decide, whole.' },
);

export const ReviewsAnswer = Type.Object(
  {
    contract_version: ContractVersion,
    review_queue: Type.Object(
      {
        count: Type.Integer({ minimum: 0, description: 'How many are in this page.', examples: [1] }),
        direction: DirectionAnswer,
        statuses: Type.Array(HELD, { description: 'Those of the request.' }),
      },
      { title: 'ReviewQueue', description: 'What was asked for.' },
    ),
    reviews: Type.Array(Review, { description: 'Newest first.' }),
  },
  { title: 'Reviews', description: 'Messages of yours that wait for you to decide.' },
);

export const BlockedQuery = Type.Object({
  ...ListQuery,
  include_payload_excerpt: Type.Optional(
    Type.String({
      maxLength: 10,
      description:
        '`true` or `1` shows the beginning of each message; `false` or `0` (the default) does not.',
      examples: ['true'],
    }),
  ),
});

const BlockedEvent = Type.Object(
  {
    id: told('The id of the event.', `blocked_${exampleId('msg')}`),
    message_id: id('msg', 'The message.'),
    resolution_id: Type.Optional(resolution('Of the decision, if an agent made it.')),
    queue_direction: outbound,
    sender: told('Your own name.', 'ann'),
    reason_code: told('Why.', 'policy.deny.global.heuristic'),
    reason: told('Why, for people.', 'It is a secret.'),
    ...references,
    ...selectorFieldsAnswer,
    stored_payload_excerpt: nullable('The beginning of the message, if it was asked for: 120 characters.'),
    payload_hash: told('The SHA-256 of the message.', `sha256:${'0'.repeat(64)}`),
    timestamp: time('When.'),
    status: Type.Literal('rejected', { description: 'It was not sent.' }),
    recipient: Type.Object(recipientFields, { title: 'BlockedRecipient', description: 'Whom it was for.' }),
    audit: Audit,
  },
  { title: 'BlockedEvent', description: 'A message of yours that was refused.' },
);

export const BlockedAnswer = Type.Object(
  {
    contract_version: ContractVersion,
    retention: Type.Object(
      {
        days: Type.Integer({
          minimum: 0,
          description: 'How long they are kept; 0: for ever.',
          examples: [30],
        }),
        payload_excerpt: oneOf(['included', 'omitted'], { description: 'Whether excerpts are shown.' }),
        payload_hash: Type.Literal('sha256', { description: 'How hashes are made.' }),
      },
      { title: 'BlockedRetention', description: 'What is kept.' },
    ),
    blocked_events: Type.Array(BlockedEvent, { description: 'Newest first.' }),
  },
  { title: 'BlockedEvents', description: 'Messages of yours that policies, or you, have refused.' },
);
