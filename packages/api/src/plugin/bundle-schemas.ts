import { type Static, Type } from 'typebox';
import { id, oneOf, shortText, time } from '../http/fields.ts';
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
    policy_content: Type.Union(
      [Type.String(), Type.Object({}, { ...anything, description: 'The rules by name.' })],
      { description: 'Rules as an object, or for `llm` a prompt.', examples: [{ maxLength: 2000 }] },
    ),
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
