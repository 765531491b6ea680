import type { Static, TSchema, TUnsafe } from 'typebox';
import { id, nullable, oneOf, username } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { RESOLUTION_ID } from '../messages/schemas.ts';

export const CONTRACT_VERSION = '1.0.0';

/** In place of the beginning of a text that the registry cannot read. */
export const ENCRYPTED = '(encrypted)';

export const DECISIONS = ['allow', 'ask', 'deny'] as const;
export const DELIVERY_MODES = ['full_send', 'review_required', 'hold_for_approval', 'blocked'] as const;

export const ContractVersion = Type.Literal(CONTRACT_VERSION, {
  description: 'The version of the shapes of the plugin API.',
});

/** A field that may be missing: existing clients read null. */
export function orNull<Schema extends TSchema & { type: string }>(
  schema: Schema,
  description: string,
): TUnsafe<Static<Schema> | null> {
  return nullable({ ...schema, description, examples: [null] });
}

export const decision = (description: string) => oneOf(DECISIONS, { description });
export const deliveryMode = (description: string) => oneOf(DELIVERY_MODES, { description });

export const resolution = (description: string) => Type.String({ description, examples: [RESOLUTION_ID] });

export const selectorFieldsAnswer = {
  direction: Type.String({ description: 'Which way it goes.', examples: ['outbound'] }),
  resource: Type.String({ description: 'What it is about.', examples: ['message.general'] }),
  action: Type.String({ description: 'What is done with it.', examples: ['share'] }),
};

/** What kind of message something is. */
export const SelectorsAnswer = Type.Object(selectorFieldsAnswer, {
  title: 'Selectors',
  description: 'What kind of message it is.',
});

export const PersonAnswer = Type.Object(
  {
    id: id('usr', 'The id of the person.'),
    type: Type.Literal('user', { description: 'A person.' }),
    username: username('The person’s username.'),
  },
  { title: 'PluginRecipient', description: 'A person, as bundles name them.' },
);

/** A description of a status, for answers of decisions. */
export const statusOf = (description: string) =>
  oneOf(['pending', 'review_required', 'approval_pending', 'rejected', 'delivered', 'failed'], {
    description,
  });
