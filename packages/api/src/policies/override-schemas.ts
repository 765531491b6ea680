import type { Static } from 'typebox';
import { exampleId, id, oneOf, text } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { Effect, moment, Priority, Scope, SourceMessage, Target, Uses } from './schemas.ts';
import { selectorFields } from './selectors.ts';

/** Longest life (s) that may be given as a span: 30 days. */
const MAX_TTL_S = 2_592_000;

const Kind = oneOf(['one_time', 'temporary', 'persistent'], {
  title: 'OverrideKind',
  description: 'For one message, until it expires, or for good.',
});

export const NewOverrideBody = Type.Object(
  {
    sender_connection_id: text({
      minLength: 1,
      maxLength: 100,
      description: 'The agent that asks for it; one of yours.',
      examples: [exampleId('conn')],
    }),
    kind: Kind,
    scope: Scope,
    target_id: Type.Optional(Target),
    selectors: Type.Object(selectorFields, {
      description: 'What it is for. Left out: `outbound`, `message.general`, `share`.',
    }),
    effect: Type.Optional(Effect),
    reason: text({
      minLength: 1,
      maxLength: 2000,
      description: 'Why, for people.',
      examples: ['Just this once.'],
    }),
    source_resolution_id: Type.Optional(
      text({
        minLength: 1,
        maxLength: 120,
        description: 'The resolution that led to it.',
        examples: ['res_4f8TxVbN1cRjYpQe6u'],
      }),
    ),
    max_uses: Type.Optional(Uses),
    expires_at: Type.Optional(moment('Until when; for `temporary` this or `ttl_seconds`.')),
    ttl_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_TTL_S,
        description: 'Instead of `expires_at`: for so many seconds.',
        examples: [3600],
      }),
    ),
    derived_from_message_id: Type.Optional(SourceMessage),
    policy_content: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'Rules; without any it concerns every message that its selectors name.',
        examples: [{ maxLength: 2000 }],
      }),
    ),
    priority: Type.Optional(Priority),
  },
  {
    title: 'CreateOverride',
    description: 'What is to be different, for what, and for how long.',
    examples: [
      {
        sender_connection_id: exampleId('conn'),
        kind: 'one_time',
        scope: 'user',
        target_id: 'ben',
        selectors: { resource: 'location.current' },
        effect: 'allow',
        reason: 'Just this once.',
      },
    ],
  },
);

export type NewOverride = Static<typeof NewOverrideBody>;

export const CreatedOverride = Type.Object(
  {
    policy_id: id('pol', 'The id of the policy that it is.'),
    kind: Kind,
    created: Type.Literal(true, { description: 'It is on disk.' }),
  },
  { title: 'CreatedOverride', description: 'The policy that was made of it.' },
);
