import type { CallbackField } from '@mahilo/shared/callback/body';
import type { TSchema } from 'typebox';
import { exampleId, id, shortText, time } from '../http/fields.ts';
import { Type } from '../http/type.ts';

export const Encryption = Type.Object(
  {
    alg: shortText(
      'The algorithm, as the two agents know it; `ECDH-ES+A256KW` when `message` is a JWE.',
      'ECDH-ES+A256KW',
    ),
    key_id: Type.Optional(
      shortText(
        'Which of the recipient’s keys it is for: with a JWE the `kid` of the X25519 key. Left out for a group.',
        'IeQdsZPiu2QBAcaudMAI_9QoLW1HbPg9fvtqzNevFVA',
      ),
    ),
  },
  {
    title: 'Encryption',
    description: 'How `message` is encrypted. The registry hands it on, and reads nothing.',
  },
);

export const SenderSignature = Type.Object(
  {
    alg: shortText('The algorithm.', 'ed25519'),
    key_id: shortText('Which of the sender’s keys has signed.', 'home-2026'),
    signature: shortText(
      'The signature, in a form that the two agents agree on.',
      'dGhlIHNpZ25hdHVyZQ==',
      4096,
    ),
  },
  {
    title: 'SenderSignature',
    description: 'The sender’s own signature. The registry hands it on unchecked.',
  },
);

const words = (description: string, example: string) => Type.String({ description, examples: [example] });

/** As callback/body.ts writes it. */
export const callbackFields: Record<CallbackField, TSchema> = {
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
