import type { Static } from 'typebox';
import { exampleId, id, oneOf, text, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { recipientFields } from '../messages/schemas.ts';
import {
  Effect,
  EXAMPLE_OF_NEW_POLICY,
  NewPolicyBody,
  OF_NEW_POLICY,
  Priority,
  Scope,
} from '../policies/schemas.ts';
import { selectorsInRequest } from '../policies/selectors.ts';

/** Messages that a policy is tried over at most. */
const MAX_SAMPLE = 100;

const Draft = Type.Object(NewPolicyBody.properties, {
  title: 'PolicyDraft',
  description: 'A policy, as `POST /policies` takes it, as if it were in force.',
  examples: [EXAMPLE_OF_NEW_POLICY],
  documented: OF_NEW_POLICY,
});

export const TryMessageBody = Type.Object(
  {
    ...recipientFields,
    message: text({ minLength: 1, description: 'What would be sent.', examples: ['The password is 1234.'] }),
    context: Type.Optional(
      text({ maxBytes: 4096, description: 'The context that it would have.', examples: ['We met in Rome.'] }),
    ),
    ...selectorsInRequest,
    draft: Type.Optional(Draft),
    replaces: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'A policy that is left out, since the draft is to replace it.',
        examples: [exampleId('pol')],
      }),
    ),
  },
  {
    title: 'TryMessage',
    description: 'A message that is judged and not sent.',
    examples: [{ recipient: 'ben', message: 'The password is 1234.' }],
  },
);

export type TryMessage = Static<typeof TryMessageBody>;

const UNITS = { minimum: 0, description: 'In UTF-16 code units from the beginning of the message.' };

const Concerned = Type.Object(
  {
    policy_id: Type.Optional(id('pol', 'The policy; left out for the draft.')),
    scope: Scope,
    effect: Effect,
    priority: Priority,
    decides: Type.Boolean({ description: 'Whether it is the one that decides.' }),
    rule: Type.Optional(
      Type.String({
        description: 'What of its rules the message breaks; left out when it has none.',
        examples: ['blockedPatterns'],
      }),
    ),
    index: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Which pattern of that rule.', examples: [0] }),
    ),
    reason: Type.String({ description: 'The same for people.', examples: ['The message is too long.'] }),
    spans: Type.Array(
      Type.Object(
        {
          start: Type.Integer({ ...UNITS, examples: [4] }),
          end: Type.Integer({ ...UNITS, examples: [12] }),
        },
        { title: 'Span', description: 'A place in the message.' },
      ),
      { description: 'Where the pattern matches: the first 20 places.' },
    ),
  },
  { title: 'ConcernedPolicy', description: 'A policy that concerns the message.' },
);

export const TriedMessage = Type.Object(
  {
    effect: Effect,
    summary: Type.String({
      description: 'Why, for people.',
      examples: ['Denied: The message matches blockedPatterns[0] of a policy.'],
    }),
    reason_code: Type.String({ description: 'Why.', examples: ['policy.deny.global.heuristic'] }),
    enforced: Type.Boolean({
      description: 'Whether this registry itself judges messages (`TRUSTED_MODE`), and not only agents do.',
    }),
    concerned: Type.Array(Concerned, {
      description: 'The policies that concern it, by effect and priority: the first 50.',
    }),
  },
  { title: 'TriedMessage', description: 'What policies say about a message.' },
);

export const TrySampleBody = Type.Object(
  {
    draft: Draft,
    sample: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_SAMPLE,
        default: MAX_SAMPLE,
        description: 'How many of my latest messages.',
      }),
    ),
    ...selectorsInRequest,
  },
  { title: 'TrySample', description: 'A policy to try over messages that I have sent.' },
);

export type TrySample = Static<typeof TrySampleBody>;

const count = (description: string, example: number) =>
  Type.Integer({ minimum: 0, description, examples: [example] });

export const TriedSample = Type.Object(
  {
    tried: count('How many messages could be judged.', 97),
    encrypted: count('How many could not, since they are encrypted.', 3),
    is_complete: Type.Boolean({
      description:
        'Whether all were tried that were asked for; else its patterns take too long, or the messages are too large.',
    }),
    concerned: Type.Array(
      Type.Object(
        {
          message_id: id('msg', 'The message.'),
          recipient: Type.String({ description: 'To whom it went.', examples: ['ben'] }),
          recipient_type: oneOf(['user', 'group'], { description: 'A person, or a group.' }),
          created_at: time('When.'),
          reason: Type.String({
            description: 'Why the policy concerns it.',
            examples: ['The message matches blockedPatterns[0]'],
          }),
          excerpt: Type.String({
            description: 'The beginning of the message: 120 characters.',
            examples: ['The password is 1234.'],
          }),
        },
        { title: 'ConcernedMessage', description: 'A message that the policy would have concerned.' },
      ),
      { description: 'Newest first.' },
    ),
  },
  { title: 'TriedSample', description: 'Which of my messages a policy would have concerned.' },
);
