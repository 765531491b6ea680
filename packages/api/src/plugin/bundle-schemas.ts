import type { Static } from 'typebox';
import { exampleId, id, oneOf, shortText, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { SendBody } from '../messages/schemas.ts';
import { selectorsInRequest } from '../policies/selectors.ts';
import { ContractVersion, decision, orNull, PersonAnswer, resolution, SelectorsAnswer } from './fields.ts';

const { recipient_type, sender_connection_id } = SendBody.properties;

export const DirectSendBody = Type.Object(
  {
    recipient: shortText('The username of a friend.', 'ben', 100),
    recipient_type,
    sender_connection_id,
    ...selectorsInRequest,
  },
  {
    title: 'DirectSendBundleRequest',
    description: 'Whom a message is for, and what kind of message it is.',
    examples: [{ recipient: 'ben' }],
  },
);

export type BundleRequest = Static<typeof DirectSendBody>;

const wholeNumber = (description: string) => Type.Integer({ minimum: 0, description, examples: [1] });
const anything = { additionalProperties: true };

export const GroupFanoutBody = Type.Object(
  {
    ...DirectSendBody.properties,
    recipient: shortText('The id of a group that you are a member of.', exampleId('grp'), 100),
  },
  {
    title: 'GroupFanoutBundleRequest',
    description: 'Which group a message is for, and what kind of message it is.',
    examples: [{ recipient: exampleId('grp') }],
  },
);

const BundledPolicy = Type.Object(
  {
    id: id('pol', 'The id of the policy.'),
    scope: oneOf(['global', 'user', 'role', 'group'], { description: 'What messages it is for.' }),
    target_id: orNull(Type.String(), 'The person, role or group that it is for; null: everybody.'),
    direction: Type.String({
      description: 'Which way a message goes that it is for.',
      examples: ['outbound'],
    }),
    resource: orNull(Type.String(), 'What such a message is about; null: anything.'),
    action: orNull(Type.String(), 'What is done with it; null: anything.'),
    effect: decision('What is decided when it matches.'),
    evaluator: oneOf(['structured', 'heuristic', 'llm'], { description: 'How it is evaluated.' }),
    policy_content: Type.Unsafe<string | object>({
      type: ['string', 'object'],
      ...anything,
      description: 'Rules as an object, or for `llm` a prompt.',
      examples: [{ maxLength: 2000 }],
    }),
    effective_from: orNull(time('The time.'), 'From when on it applies; null: always.'),
    expires_at: orNull(time('The time.'), 'Until when it applies; null: for ever.'),
    max_uses: orNull(wholeNumber('The number.'), 'How often it may decide; null: always.'),
    remaining_uses: orNull(wholeNumber('The number.'), 'How often it still may; null: always.'),
    source: Type.String({ description: 'Where it comes from.', examples: ['user_created'] }),
    derived_from_message_id: orNull(Type.String(), 'The message that it was made for, if there is one.'),
    learning_provenance: orNull(
      Type.Object({}, { ...anything, description: 'What its maker said.' }),
      'What it was learned from, if it was.',
    ),
    priority: Type.Integer({ description: 'Higher ones come first.', examples: [10] }),
    created_at: time('When it was made.'),
  },
  { title: 'BundledPolicy', description: 'A policy, as agents evaluate it.' },
);

const Llm = Type.Object(
  {
    subject: Type.String({ description: 'Whom prompts are about.', examples: ['ben'] }),
    provider_defaults: Type.Null({ description: 'The registry knows of no model.', examples: [null] }),
  },
  { title: 'BundleModel', description: 'For prompts, which a language model of the agent’s own evaluates.' },
);

const bundleFields = {
  contract_version: ContractVersion,
  bundle_metadata: Type.Object(
    {
      bundle_id: Type.String({
        description: 'The id of the bundle.',
        examples: ['bundle_4f8TxVbN1cRjYpQe6u'],
      }),
      resolution_id: resolution('Under which the decision is to be committed.'),
      issued_at: time('When it was made.'),
      expires_at: time('When it should be asked for anew.'),
    },
    { title: 'BundleMetadata', description: 'What it is called, and how old it is.' },
  ),
  authenticated_identity: Type.Object(
    {
      sender_user_id: id('usr', 'Your own id.'),
      sender_connection_id: id('conn', 'The agent that the message would be sent by.'),
    },
    { title: 'BundleIdentity', description: 'Who asks.' },
  ),
  selector_context: SelectorsAnswer,
};

const policies = (description: string) => Type.Array(BundledPolicy, { description });

export const DirectSendBundle = Type.Object(
  {
    ...bundleFields,
    bundle_type: Type.Literal('direct_send', { description: 'A message to one person.' }),
    recipient: PersonAnswer,
    applicable_policies: policies('Those that apply, by falling priority.'),
    llm: Llm,
  },
  {
    title: 'DirectSendBundle',
    description: 'What an agent needs to decide about a message to a friend.',
  },
);

const Words = Type.Array(oneOf(['allow', 'ask', 'deny'], { description: 'A decision.' }), {
  description: 'Which decision stands for all, if members have different ones.',
});

const told = (description: string, example: string) => Type.String({ description, examples: [example] });

const AggregateMetadata = Type.Object(
  {
    fanout_mode: told('Each member is decided about.', 'per_recipient'),
    mixed_decision_priority: Words,
    partial_reason_code: told('The reason when not all get it.', 'policy.partial.group_fanout'),
    empty_group_summary: told('What to say when nobody is there.', 'No active recipients in group.'),
    partial_summary_template: told('What to say when not all get it.', 'Partial group delivery: …'),
    policy_evaluation_mode: told('How policies are evaluated.', 'group_outbound_fanout'),
  },
  {
    title: 'GroupFanoutAggregate',
    description: 'How the decisions about members make one; always the same.',
  },
);

const FanoutMember = Type.Object(
  {
    recipient: PersonAnswer,
    roles: Type.Array(Type.String({ description: 'A role.', examples: ['family'] }), {
      description: 'The roles that you have given this person.',
    }),
    resolution_id: resolution('Under which the decision about this member is to be committed.'),
    member_applicable_policies: policies('Your own that apply, by falling priority.'),
    llm: Llm,
  },
  { title: 'GroupFanoutMember', description: 'What an agent needs to decide about one member.' },
);

export const GroupFanoutBundle = Type.Object(
  {
    ...bundleFields,
    bundle_type: Type.Literal('group_fanout', { description: 'A message to each member of a group.' }),
    group: Type.Object(
      {
        id: id('grp', 'The id of the group.'),
        type: Type.Literal('group', { description: 'A group.' }),
        name: Type.String({ description: 'Its name.', examples: ['climbers'] }),
        member_count: wholeNumber('How many members you can reach.'),
      },
      { title: 'FanoutGroup', description: 'The group.' },
    ),
    aggregate_metadata: AggregateMetadata,
    group_overlay_policies: policies('Those of the group, which can only be stricter.'),
    members: Type.Array(FanoutMember, { description: 'Every other member whom you can reach.' }),
  },
  {
    title: 'GroupFanoutBundle',
    description: 'What an agent needs to decide about a message to each member of a group.',
  },
);
