import { type Static, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';
import { WholeListQuery } from '../http/whole-list.ts';

const Scope = oneOf(['global', 'user', 'group']);
const PolicyType = oneOf(['heuristic', 'llm']);
const Content = text({ description: 'Rules as JSON text for `heuristic`, a prompt for `llm`.' });
const Priority = Type.Integer({ minimum: 0, maximum: 100, description: 'Default 0.' });
const Enabled = Type.Boolean({ description: 'Default true.' });

export const NewPolicyBody = Type.Object({
  scope: Scope,
  target_id: Type.Optional(
    text({
      minLength: 1,
      maxLength: 100,
      description: 'Id or name of a user or group, unless the scope is global.',
    }),
  ),
  policy_type: PolicyType,
  policy_content: Content,
  priority: Type.Optional(Priority),
  enabled: Type.Optional(Enabled),
});

export type NewPolicy = Static<typeof NewPolicyBody>;

export const CreatedPolicy = Type.Object({ policy_id: Type.String() });

export const PoliciesQuery = Type.Object({
  scope: Type.Optional(Scope),
  target_id: Type.Optional(Type.String({ maxLength: 100 })),
  ...WholeListQuery,
});

export const PolicyAnswer = Type.Object({
  id: Type.String(),
  scope: Scope,
  target_id: Type.Optional(Type.String()),
  policy_type: PolicyType,
  policy_content: Type.String(),
  priority: Type.Integer(),
  enabled: Type.Boolean(),
  created_at: Type.String({ format: 'date-time' }),
});

export const PolicyChangesBody = Type.Object({
  policy_content: Type.Optional(Content),
  priority: Type.Optional(Priority),
  enabled: Type.Optional(Enabled),
});

export type PolicyChanges = Static<typeof PolicyChangesBody>;
