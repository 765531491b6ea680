import type { Static } from 'typebox';
import { apiKey, exampleId, id, nullable, oneOf, text, time } from '../http/fields.ts';
import { SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';

export const RotatedKey = Type.Object(
  { api_key: apiKey('Shown this once. The old one is dead.') },
  { title: 'RotatedKey', description: 'The key that replaces the one that asked.' },
);

const Scope = oneOf(['all', 'read', 'agent'], {
  title: 'KeyScope',
  description:
    '`all`: everything. `read`: what only reads, but the inbox. `agent`: what one agent needs, in its name.',
});

export const NewKeyBody = Type.Object(
  {
    name: text({
      minLength: 1,
      maxLength: 100,
      description: 'What it is for, so that you know which one to revoke.',
      examples: ['the agent at home'],
    }),
    scope: Scope,
    connection_id: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'For scope `agent`: the connection that the key is for.',
        examples: [exampleId('conn')],
      }),
    ),
    expires_at: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'When it ends: ISO 8601. Without it, never.',
        ...SINCE,
        examples: ['2099-12-31T00:00:00Z'],
      }),
    ),
  },
  {
    title: 'CreateKey',
    description: 'A further API key.',
    examples: [{ name: 'what only looks', scope: 'read' }],
    documented: {
      oneOf: [
        { properties: { scope: { const: 'agent' } }, required: ['scope', 'connection_id'] },
        { properties: { scope: { enum: ['all', 'read'] }, connection_id: { not: {} } }, required: ['scope'] },
      ],
    },
  },
);

export type NewKey = Static<typeof NewKeyBody>;

const keyFields = {
  id: Type.String({ description: 'The first part of the key.', examples: ['7Kq2mWz9Lp4X'] }),
  name: Type.String({ description: 'What it is for.', examples: ['the agent at home'] }),
  scope: Scope,
  connection_id: Type.Optional(id('conn', 'Of scope `agent`: the connection that it is for.')),
  created_at: time('When it was made.'),
  last_used_at: nullable(time('When it was last used, to the hour; null: not noted yet.')),
  expires_at: Type.Optional(time('When it ends; without it, never.')),
  current: Type.Optional(Type.Literal(true, { description: 'It is the key that asks.' })),
};

export const Key = Type.Object(keyFields, {
  title: 'ApiKey',
  description: 'An API key of yours, without its secret.',
});

export const CreatedKeyAnswer = Type.Object(
  { ...keyFields, api_key: apiKey('Shown this once.') },
  { title: 'CreatedKey', description: 'The new key.' },
);
