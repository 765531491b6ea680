import { type Static, type TSchema, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { selectorFields } from './selectors.ts';

const ID_LENGTH = 120;

export const Scope = oneOf(['global', 'user', 'role', 'group'], {
  description: 'What it applies to; `role`: the friends to whom you have given it.',
});
export const Evaluator = oneOf(['structured', 'heuristic', 'llm'], {
  description: 'How it is judged: `structured` and `heuristic` by rules, `llm` by a prompt.',
});
export const Effect = oneOf(['allow', 'ask', 'deny'], {
  description: 'What becomes of a message that the policy concerns.',
});
export const Priority = Type.Integer({ minimum: 0, maximum: 100 });
export const Target = text({
  minLength: 1,
  maxLength: 100,
  description: 'Id or name of a user or group, or name of a role, unless the scope is global.',
});
export const Time = Type.String({ maxLength: 40, description: 'ISO 8601.' });
export const SourceMessage = text({
  minLength: 1,
  maxLength: ID_LENGTH,
  description: 'The message that led to it.',
});
export const Uses = Type.Integer({ minimum: 1, maximum: 1_000_000 });

/** Rules may come as JSON text or as they are. */
const Content = Type.Unsafe<string | Readonly<Record<string, unknown>>>({
  type: ['string', 'object'],
  format: 'well-formed',
  description: 'Rules, as an object or as JSON text; for `llm` a prompt.',
});
const Enabled = Type.Boolean({ description: 'Default true.' });
const Source = oneOf(['user_created', 'user_confirmed', 'learned', 'default', 'override'], {
  description: 'Why it is there. Default `user_created`.',
});
const LearningProvenance = Type.Object({
  source_interaction_id: orNull(text({ minLength: 1, maxLength: 255 })),
  promoted_from_policy_ids: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: ID_LENGTH }), { maxItems: 50 }),
  ),
});

/** A field that may be left out or null. */
function orNull<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Optional(Type.Unsafe<Static<Schema> | null>({ ...schema, type: [schema.type, 'null'] }));
}

const selectors = {
  direction: orNull(selectorFields.direction),
  resource: orNull(selectorFields.resource),
  action: orNull(selectorFields.action),
};

/** What can be said of a policy at first, and changed later. */
const changeable = {
  evaluator: Type.Optional(Evaluator),
  policy_type: Type.Optional(Evaluator),
  effect: Type.Optional(Effect),
  ...selectors,
  selectors: Type.Optional(
    Type.Object(selectors, { description: 'What it is for; any, where null or left out.' }),
  ),
  priority: Type.Optional(Priority),
  enabled: Type.Optional(Enabled),
  effective_from: orNull(Time),
  expires_at: orNull(Time),
  max_uses: orNull(Uses),
  remaining_uses: orNull(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
};

export const NewPolicyBody = Type.Object({
  scope: Scope,
  target_id: orNull(Target),
  policy_content: Content,
  ...changeable,
  source: Type.Optional(Source),
  derived_from_message_id: orNull(SourceMessage),
  learning_provenance: orNull(LearningProvenance),
});

export type NewPolicy = Static<typeof NewPolicyBody>;

export const PolicyChangesBody = Type.Object({ policy_content: Type.Optional(Content), ...changeable });

export type PolicyChanges = Static<typeof PolicyChangesBody>;

export const CreatedPolicy = Type.Object({ policy_id: Type.String() });

export const PoliciesQuery = Type.Object({
  scope: Type.Optional(Scope),
  target_id: Type.Optional(Type.String({ maxLength: 100 })),
  ...WholeListQuery,
});

const textOrNull = (description?: string) =>
  Type.Union([Type.String(), Type.Null()], { ...(description && { description }) });
const selector = textOrNull('Null: any.');
const moment = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }));

export const PolicyAnswer = Type.Object({
  id: Type.String(),
  scope: Scope,
  target_id: Type.Optional(Type.String()),
  evaluator: Evaluator,
  policy_type: Evaluator,
  effect: Effect,
  direction: selector,
  resource: selector,
  action: selector,
  policy_content: Type.String({ description: 'Rules as JSON text, or a prompt.' }),
  priority: Type.Integer(),
  enabled: Type.Boolean(),
  source: Type.String({
    description: 'As given; `legacy_migrated` when it is from before policies had effects.',
  }),
  effective_from: moment('It does not apply before.'),
  expires_at: moment('It does not apply from then on.'),
  max_uses: Type.Optional(Type.Integer({ description: 'How many messages it may decide about.' })),
  remaining_uses: Type.Optional(Type.Integer({ description: 'How many are left.' })),
  derived_from_message_id: Type.Optional(Type.String()),
  learning_provenance: Type.Optional(
    Type.Object({
      source_interaction_id: textOrNull(),
      promoted_from_policy_ids: Type.Array(Type.String()),
    }),
  ),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: moment('When it was last changed, or used.'),
});
