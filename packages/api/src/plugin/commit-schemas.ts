import type { Static } from 'typebox';
import { exampleId, id, oneOf, shortText, text } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { RESOLUTION_ID, SendBody } from '../messages/schemas.ts';
import { selectorsInRequest } from '../policies/selectors.ts';
import { decision, deliveryMode, resolution, statusOf } from './fields.ts';

const { recipient_type, correlation_id, in_response_to, message, context, payload_type } =
  SendBody.properties;

const KEY = '0f9a2c1e';
const POLICY = exampleId('pol');
const sentence = (description: string, example: string, maxLength = 2000) =>
  text({ maxLength, description, examples: [example] });
const REASON_CODE = 'policy.allow.no_match';

export const CommitHeaders = Type.Object({
  'idempotency-key': Type.Optional(shortText('As `idempotency_key` in the body, which wins.', KEY)),
});

/** Only what must agree with the decision; the rest is kept as it is told. */
const Diagnostics = Type.Object(
  {
    resolution_id: Type.Optional(shortText('That of the decision.', RESOLUTION_ID)),
    decision: Type.Optional(shortText('That of the decision.', 'allow')),
    delivery_mode: Type.Optional(shortText('That of the decision.', 'full_send')),
    reason_code: Type.Optional(shortText('That of the decision.', REASON_CODE)),
  },
  {
    additionalProperties: true,
    title: 'DecisionDiagnostics',
    description: 'How the agent came to it, kept for you to see.',
  },
);

const LocalDecision = Type.Object(
  {
    decision: decision('What the agent has decided.'),
    delivery_mode: deliveryMode(
      '`full_send` for allow, `blocked` for deny, one of the others for ask: then the message waits.',
    ),
    summary: Type.Optional(sentence('What was decided, for people.', 'The message may be sent.')),
    reason: Type.Optional(sentence('Why.', 'No policy matched.')),
    reason_code: Type.Optional(shortText('Default `policy.<decision>.resolved`.', REASON_CODE)),
    resolution_explanation: Type.Optional(sentence('Why, at length.', 'Two policies were looked at.', 4000)),
    resolver_layer: Type.Optional(
      oneOf(['platform_guardrails', 'user_policies'], { description: 'What decided.' }),
    ),
    guardrail_id: Type.Optional(shortText('Which of the agent’s own rules it was.', 'no-secrets')),
    winning_policy_id: Type.Optional(shortText('The policy that decided; one of its uses is taken.', POLICY)),
    matched_policy_ids: Type.Optional(
      Type.Array(text({ maxLength: 255, description: 'The id of a policy.', examples: [POLICY] }), {
        maxItems: 100,
        description: 'The policies that matched.',
      }),
    ),
    evaluated_policies: Type.Optional(
      Type.Array(
        Type.Object({}, { additionalProperties: true, description: 'What came of one.', examples: [{}] }),
        { maxItems: 100, description: 'What came of each policy; kept if it is not too long.' },
      ),
    ),
    diagnostics: Type.Optional(Diagnostics),
  },
  { title: 'LocalDecision', description: 'What an agent has decided about a message.' },
);

export type LocalDecision = Static<typeof LocalDecision>;

export const CommitBody = Type.Object(
  {
    sender_connection_id: shortText('The agent that decides, one of your own.', exampleId('conn'), 100),
    recipient: shortText(
      'The username of a friend, or with `group_id` of a member of the group.',
      'ben',
      100,
    ),
    recipient_type,
    message,
    context,
    payload_type,
    correlation_id,
    in_response_to,
    group_id: Type.Optional(
      shortText(
        'The group through which you reach the recipient, who need be no friend then.',
        exampleId('grp'),
      ),
    ),
    resolution_id: shortText('The one of the bundle, or another one of your own.', RESOLUTION_ID, 120),
    idempotency_key: Type.Optional(shortText('You may use the same to send the message.', KEY)),
    ...selectorsInRequest,
    local_decision: LocalDecision,
  },
  {
    title: 'CommitLocalDecision',
    description: 'A message, and what was decided about it.',
    examples: [
      {
        sender_connection_id: exampleId('conn'),
        recipient: 'ben',
        message: 'Are you free on Friday?',
        resolution_id: RESOLUTION_ID,
        local_decision: { decision: 'allow', delivery_mode: 'full_send' },
      },
    ],
  },
);

export type CommitRequest = Static<typeof CommitBody>;

export const Committed = Type.Object(
  {
    recorded: Type.Literal(true, { description: 'It is on disk.' }),
    committed: Type.Literal(true, { description: 'It is on disk.' }),
    deduplicated: Type.Optional(
      Type.Literal(true, { description: 'This is the answer to an earlier request of the same.' }),
    ),
    message_id: id('msg', 'The id under which the message will be sent.'),
    status: statusOf('`pending`: send it now.'),
    resolution: Type.Object(
      {
        resolution_id: resolution('The one of the request.'),
        decision: decision('The one of the request.'),
        delivery_mode: deliveryMode('The one of the request.'),
        summary: Type.String({
          description: 'What was decided, for people.',
          examples: ['The message may be sent.'],
        }),
        reason_code: Type.String({ description: 'Why.', examples: [REASON_CODE] }),
      },
      { title: 'Resolution', description: 'What was decided.' },
    ),
    recipient_results: Type.Array(
      Type.Object(
        {
          recipient: Type.String({ description: 'A username.', examples: ['ben'] }),
          decision: decision('What was decided.'),
          delivery_mode: deliveryMode('How it is delivered.'),
          delivery_status: statusOf('How things stand.'),
        },
        { title: 'RecipientResult', description: 'What was decided about one recipient.' },
      ),
      { description: 'One for the recipient.' },
    ),
  },
  { title: 'CommittedDecision', description: 'What was decided is on disk.' },
);
