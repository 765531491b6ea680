import type { Static } from 'typebox';
import { exampleId, id, shortText, time, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { SendBody } from '../messages/schemas.ts';
import { selectorsInRequest } from '../policies/selectors.ts';
import { ContractVersion, decision, orNull, SelectorsAnswer } from './fields.ts';

const { declared_selectors } = selectorsInRequest;

export const ContextBody = Type.Object(
  {
    sender_connection_id: shortText('The agent that asks, one of your own.', exampleId('conn'), 100),
    recipient: shortText('The username of a friend.', 'ben', 100),
    recipient_type: SendBody.properties.recipient_type,
    draft_selectors: declared_selectors,
    ...selectorsInRequest,
    include_recent_interactions: Type.Optional(
      Type.Boolean({ description: 'Whether to tell of the last messages. Default true.', examples: [true] }),
    ),
    interaction_limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 20, description: 'How many of them. Default 5.', examples: [5] }),
    ),
  },
  {
    title: 'PromptContextRequest',
    description: 'To whom your agent is about to write.',
    examples: [{ sender_connection_id: exampleId('conn'), recipient: 'ben' }],
  },
);

export type ContextRequest = Static<typeof ContextBody>;

const told = (description: string, example: string) => Type.String({ description, examples: [example] });
const count = (description: string) => Type.Integer({ minimum: 0, description, examples: [1] });

const Guidance = Type.Object(
  {
    default_decision: decision('What would be decided if each policy matched.'),
    reason_code: told('Why.', 'context.allow.no_applicable'),
    summary: told('The policies in a sentence.', 'No policy applies.'),
    policy_signal: Type.Object(
      {
        applicable_policy_count: count('How many apply.'),
        scope_counts: Type.Object(
          { global: count('For everybody.'), role: count('For a role.'), user: count('For this person.') },
          { title: 'PolicyScopeCounts', description: 'How many of each scope.' },
        ),
      },
      { title: 'PolicySignal', description: 'How many policies there are.' },
    ),
    relevant_decisions: Type.Array(
      Type.Object(
        {
          decision: decision('What was decided.'),
          direction: Type.Literal('outbound', { description: 'It is one of yours.' }),
          message_id: id('msg', 'The message.'),
          reason_code: orNull(Type.String(), 'Why.'),
          selectors: SelectorsAnswer,
          status: told('What came of it.', 'review_required'),
          timestamp: time('When.'),
        },
        { title: 'RelevantDecision', description: 'A message to this person that is held or was denied.' },
      ),
      { description: 'The last ones, newest first.' },
    ),
  },
  { title: 'PolicyGuidance', description: 'What your policies say about messages to this person.' },
);

const Interaction = Type.Object(
  {
    direction: Type.Unsafe<'outbound' | 'inbound'>({
      type: 'string',
      enum: ['outbound', 'inbound'],
      description: 'From you, or to you.',
    }),
    message_id: id('msg', 'The message.'),
    summary: told('Its beginning in one line: 140 characters.', 'Are you free on Friday?'),
    timestamp: time('When.'),
  },
  { title: 'Interaction', description: 'A message between the two of you.' },
);

export const ContextAnswer = Type.Object(
  {
    contract_version: ContractVersion,
    policy_guidance: Guidance,
    recipient: Type.Object(
      {
        connected_since: orNull(time('The time.'), 'Since when you are friends.'),
        display_name: orNull(Type.String(), 'The name for people.'),
        id: id('usr', 'The id of the person.'),
        relationship: Type.Literal('friend', { description: 'You are friends.' }),
        roles: Type.Array(told('A role.', 'family'), {
          description: 'The roles that you have given this person.',
        }),
        username: username('The person’s username.'),
      },
      { title: 'ContextRecipient', description: 'To whom your agent is about to write.' },
    ),
    recent_interactions: Type.Array(Interaction, { description: 'The last messages, newest first.' }),
    sender_connection: Type.Object(
      {
        framework: told('Its framework.', 'openclaw'),
        id: id('conn', 'Its id.'),
        label: told('Its label.', 'default'),
      },
      { title: 'ContextSender', description: 'The agent that asks.' },
    ),
    suggested_selectors: SelectorsAnswer,
  },
  { title: 'PromptContext', description: 'What an agent should know before it writes to a friend.' },
);
