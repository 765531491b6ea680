import type { Static, TSchema } from 'typebox';
import { exampleId, id, nullable, oneOf, text, time } from '../http/fields.ts';
import { SINCE } from '../http/since.ts';
import { Type } from '../http/type.ts';
import { WholeListQuery } from '../http/whole-list.ts';
import { selectorFields } from './selectors.ts';

const ID_LENGTH = 120;
const SCOPES = ['global', 'user', 'role', 'group'] as const;
const EVALUATORS = ['structured', 'heuristic', 'llm'] as const;
const RULES = { maxLength: 2000, blockedPatterns: ['password'] };

export const Scope = oneOf(SCOPES, {
  title: 'PolicyScope',
  description: 'What it applies to; `role`: the friends to whom you have given it.',
});
const Evaluator = oneOf(EVALUATORS, {
  title: 'PolicyEvaluator',
  description: 'How it is judged: `structured` and `heuristic` by rules, `llm` by a prompt.',
});
export const Effect = oneOf(['allow', 'ask', 'deny'], {
  title: 'PolicyEffect',
  description: 'What becomes of a message that the policy concerns. Default `deny`.',
});
export const Priority = Type.Integer({
  minimum: 0,
  maximum: 100,
  description: 'Of several the highest comes first. Default 0.',
  examples: [10],
});
export const Target = text({
  minLength: 1,
  maxLength: 100,
  description: 'Id or name of a user or group, or name of a role, unless the scope is global.',
  examples: ['ben'],
});
/** A point in time that a request names. */
export function moment(description: string) {
  return Type.String({ maxLength: 40, description, ...SINCE });
}
export const SourceMessage = text({
  minLength: 1,
  maxLength: ID_LENGTH,
  description: 'The message that led to it.',
  examples: [exampleId('msg')],
});
export const Uses = Type.Integer({
  minimum: 1,
  maximum: 1_000_000,
  description: 'How many messages it may decide about.',
  examples: [1],
});

/** Rules may come as JSON text or as they are. */
const Content = Type.Unsafe<string | Readonly<Record<string, unknown>>>({
  type: ['string', 'object'],
  format: 'well-formed',
  description: 'Rules, as an object or as JSON text; for `llm` a prompt.',
  examples: [RULES],
});
const Enabled = Type.Boolean({ description: 'Whether it counts. Default true.' });
const Source = oneOf(['user_created', 'user_confirmed', 'learned', 'default', 'override'], {
  description: 'Why it is there. Default `user_created`.',
});
const LearningProvenance = Type.Object(
  {
    source_interaction_id: orNull(
      text({ minLength: 1, maxLength: 255, description: 'What it was learned from.', examples: ['chat-17'] }),
    ),
    promoted_from_policy_ids: Type.Optional(
      Type.Array(
        Type.String({
          minLength: 1,
          maxLength: ID_LENGTH,
          description: 'The id of a policy.',
          examples: [exampleId('pol')],
        }),
        { maxItems: 50, description: 'The policies that it comes from.' },
      ),
    ),
  },
  { description: 'How your agent came to it.' },
);

/** A field that may be left out or null. */
function orNull<Schema extends TSchema & { type: string }>(schema: Schema) {
  return Type.Optional(nullable(schema));
}

const selectors = {
  direction: orNull(selectorFields.direction),
  resource: orNull(selectorFields.resource),
  action: orNull(selectorFields.action),
};

/** What can be said of a policy at first, and changed later. */
const changeable = {
  evaluator: Type.Optional(Evaluator),
  policy_type: Type.Optional(oneOf(EVALUATORS, { description: 'The same, for existing clients.' })),
  effect: Type.Optional(Effect),
  ...selectors,
  selectors: Type.Optional(
    Type.Object(selectors, {
      description: 'What it is for; any, where null or left out. Goes before the fields beside it.',
    }),
  ),
  priority: Type.Optional(Priority),
  enabled: Type.Optional(Enabled),
  effective_from: orNull(moment('It does not apply before.')),
  expires_at: orNull(moment('It does not apply from then on.')),
  max_uses: orNull(Uses),
  remaining_uses: orNull(
    Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'How many are left.', examples: [1] }),
  ),
};

/** Both names of the evaluator, or the one that is given, say the same. */
const BY_EVALUATOR = EVALUATORS.flatMap((evaluator) => {
  const properties = { evaluator: { const: evaluator }, policy_type: { const: evaluator } };
  return [
    { required: ['evaluator'], properties },
    { required: ['policy_type'], properties },
  ];
});

/** Who a policy is for is named, unless it is for all. */
const BY_SCOPE = [
  { properties: { scope: { const: 'global' }, target_id: { type: 'null' } } },
  {
    required: ['target_id'],
    properties: { scope: { enum: SCOPES.slice(1) }, target_id: { type: 'string' } },
  },
];

/** What the document says of a new policy, and its own check says in a sentence. */
export const OF_NEW_POLICY = { allOf: [{ anyOf: BY_EVALUATOR }, { anyOf: BY_SCOPE }] };

/** A policy for all of one's messages. */
export const EXAMPLE_OF_NEW_POLICY = {
  scope: 'global',
  evaluator: 'heuristic',
  effect: 'deny',
  policy_content: RULES,
} as const;

export const NewPolicyBody = Type.Object(
  {
    scope: oneOf(SCOPES, { description: 'What it applies to.' }),
    target_id: orNull(Target),
    policy_content: Content,
    ...changeable,
    source: Type.Optional(Source),
    derived_from_message_id: orNull(SourceMessage),
    learning_provenance: orNull(LearningProvenance),
  },
  {
    title: 'CreatePolicy',
    description: 'A rule for what your agents, or the members of a group that you run, may send.',
    examples: [EXAMPLE_OF_NEW_POLICY],
    documented: OF_NEW_POLICY,
  },
);

export type NewPolicy = Static<typeof NewPolicyBody>;

export const PolicyChangesBody = Type.Object(
  { policy_content: Type.Optional(Content), ...changeable },
  {
    title: 'ChangePolicy',
    description: 'What is to change; the rest stays as it is.',
    examples: [{ enabled: false }],
    documented: {
      anyOf: [...BY_EVALUATOR, { properties: { evaluator: { not: {} }, policy_type: { not: {} } } }],
    },
  },
);

export type PolicyChanges = Static<typeof PolicyChangesBody>;

const policyId = id('pol', 'The id of the policy.');

export const CreatedPolicy = Type.Object(
  { policy_id: policyId },
  { title: 'CreatedPolicy', description: 'The new policy.' },
);

export const PoliciesQuery = Type.Object({
  scope: Type.Optional(oneOf(SCOPES, { description: 'Only policies of this scope.' })),
  target_id: Type.Optional(
    Type.String({ maxLength: 100, description: 'Only policies for this target.', examples: ['ben'] }),
  ),
  ...WholeListQuery,
});

const textOrNull = (description: string, example: string) =>
  Type.Union([Type.String(), Type.Null()], { description, examples: [example] });
const optionalTime = (description: string) => Type.Optional(time(description));
const optionalCount = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, description, examples: [1] }));

export const PolicyAnswer = Type.Object(
  {
    id: policyId,
    scope: Scope,
    target_id: Type.Optional(
      Type.String({
        description: 'Who it is for: an id, or the name of a role.',
        examples: [exampleId('usr')],
      }),
    ),
    target_name: Type.Optional(
      Type.String({ description: 'What the person or the group is called.', examples: ['ben'] }),
    ),
    evaluator: Evaluator,
    policy_type: oneOf(EVALUATORS, { description: 'The same, for existing clients.' }),
    effect: Effect,
    direction: textOrNull('Which way a message goes that it is for. Null: any.', 'outbound'),
    resource: textOrNull('What such a message is about. Null: anything.', 'location.current'),
    action: textOrNull('What is done with it. Null: anything.', 'share'),
    policy_content: Type.String({
      description: 'Rules as JSON text, or a prompt.',
      examples: [JSON.stringify(RULES)],
    }),
    priority: Type.Integer({ description: 'Of several the highest comes first.', examples: [10] }),
    enabled: Type.Boolean({ description: 'Whether it counts.' }),
    source: Type.String({
      description: 'As given; `legacy_migrated` when it is from before policies had effects.',
      examples: ['user_created'],
    }),
    effective_from: optionalTime('It does not apply before.'),
    expires_at: optionalTime('It does not apply from then on.'),
    max_uses: optionalCount('How many messages it may decide about.'),
    remaining_uses: optionalCount('How many are left.'),
    derived_from_message_id: Type.Optional(
      Type.String({ description: 'The message that led to it.', examples: [exampleId('msg')] }),
    ),
    learning_provenance: Type.Optional(
      Type.Object(
        {
          source_interaction_id: textOrNull('What it was learned from.', 'chat-17'),
          promoted_from_policy_ids: Type.Array(
            Type.String({ description: 'The id of a policy.', examples: [exampleId('pol')] }),
            { description: 'The policies that it comes from.' },
          ),
        },
        { title: 'LearningProvenance', description: 'How your agent came to it.' },
      ),
    ),
    created_at: time('When it was made.'),
    updated_at: optionalTime('When it was last changed, or used.'),
  },
  { title: 'Policy', description: 'A rule for what agents may send.' },
);
