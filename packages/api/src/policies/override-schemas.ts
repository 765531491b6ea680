import { type Static, Type } from 'typebox';
import { oneOf, text } from '../http/fields.ts';
import { Effect, Priority, Scope, SourceMessage, Target, Time, Uses } from './schemas.ts';
import { selectorFields } from './selectors.ts';

/** Longest life (s) that may be given as a span: 30 days. */
const MAX_TTL_S = 2_592_000;

const Kind = oneOf(['one_time', 'temporary', 'persistent'], {
  description: 'For one message, until it expires, or for good.',
});

export const NewOverrideBody = Type.Object({
  sender_connection_id: text({
    minLength: 1,
    maxLength: 100,
    description: 'The agent that asks for it; one of yours.',
  }),
  kind: Kind,
  scope: Scope,
  target_id: Type.Optional(Target),
  selectors: Type.Object(selectorFields, {
    description: 'What it is for. Left out: `outbound`, `message.general`, `share`.',
  }),
  effect: Type.Optional(Effect),
  reason: text({ minLength: 1, maxLength: 2000, description: 'Why, for people.' }),
  source_resolution_id: Type.Optional(
    text({ minLength: 1, maxLength: 120, description: 'The resolution that led to it.' }),
  ),
  max_uses: Type.Optional(Uses),
  expires_at: Type.Optional(Time),
  ttl_seconds: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_TTL_S, description: 'Instead of `expires_at`.' }),
  ),
  derived_from_message_id: Type.Optional(SourceMessage),
  policy_content: Type.Optional(
    Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      description: 'Rules; without any it concerns every message that its selectors name.',
    }),
  ),
  priority: Type.Optional(Priority),
});

export type NewOverride = Static<typeof NewOverrideBody>;

export const CreatedOverride = Type.Object({
  policy_id: Type.String(),
  kind: Kind,
  created: Type.Literal(true),
});
