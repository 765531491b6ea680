import { type Static, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';

export const RotatedKey = Type.Object({ api_key: Type.String({ description: 'The old one is dead.' }) });

const Scope = oneOf(['all', 'read', 'agent'], {
  description:
    '`all`: everything. `read`: what only reads, but the inbox. `agent`: what one agent needs, in its name.',
});

export const NewKeyBody = Type.Object({
  name: text({ minLength: 1, maxLength: 100 }),
  scope: Scope,
  connection_id: Type.Optional(
    Type.String({ maxLength: 100, description: 'For scope `agent`: the connection that the key is for.' }),
  ),
  expires_at: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; without it, never.' })),
});

export type NewKey = Static<typeof NewKeyBody>;

export const Key = Type.Object({
  id: Type.String({ description: 'The first part of the key.' }),
  name: Type.String(),
  scope: Scope,
  connection_id: Type.Optional(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
  last_used_at: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    format: 'date-time',
    description: 'To the hour; null: not noted yet.',
  }),
  expires_at: Type.Optional(Type.String({ format: 'date-time' })),
  current: Type.Optional(Type.Literal(true, { description: 'The key that asks.' })),
});

export const CreatedKeyAnswer = Type.Object({
  ...Key.properties,
  api_key: Type.String({ description: 'Shown this once.' }),
});
