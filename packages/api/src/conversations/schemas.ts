import { id, oneOf, time } from '../http/fields.ts';
import { PageQuery } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { CounterpartFields } from './counterpart.ts';

export const ThreadsQuery = Type.Object({ ...CounterpartFields, ...PageQuery });

const LatestMessage = Type.Object(
  {
    id: id('msg', 'The id of the message.'),
    sender: Type.String({ description: 'The username of the sender.', examples: ['ann'] }),
    sender_agent: Type.String({
      description: 'The framework of the sending agent.',
      examples: ['my-framework'],
    }),
    payload_type: Type.String({ description: 'What the message is.', examples: ['text/plain'] }),
    is_encrypted: Type.Boolean({ description: 'Only its recipients can read it.', examples: [false] }),
    excerpt: Type.Optional(
      Type.String({
        description: 'How it begins; absent of what is encrypted or was erased.',
        examples: ['Are you free on Friday?'],
      }),
    ),
    bytes: Type.Integer({ minimum: 0, description: 'Bytes of all of it.', examples: [23] }),
    status: oneOf(['pending', 'delivered', 'failed', 'rejected'], {
      description: 'How the message stands.',
    }),
    created_at: time('When it was accepted.'),
    erased_at: Type.Optional(time('When its sender erased it.')),
  },
  { title: 'LatestMessage', description: 'The latest message of a thread.' },
);

export const Thread = Type.Object(
  {
    with: Type.String({
      description: 'The username of the other person, or the id of the group.',
      examples: ['ben'],
    }),
    with_type: oneOf(['user', 'group'], { description: 'What `with` names.' }),
    group_name: Type.Optional(
      Type.String({ description: 'The name of the group.', examples: ['book-club'] }),
    ),
    correlation_id: Type.Optional(
      Type.String({ description: 'What it is about; absent: nothing in particular.', examples: ['dinner'] }),
    ),
    latest: LatestMessage,
  },
  {
    title: 'Thread',
    description: 'What was said with one person, or in one group, under one correlation id.',
  },
);
