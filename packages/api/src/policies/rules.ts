import { Ajv, type ErrorObject } from 'ajv';
import type { Static } from 'typebox';
import { Type } from '../http/type.ts';

/** Bounds of one policy: generous for people, and small enough to check with every message. */
const MAX_PATTERNS = 50;
const MAX_PATTERN_LENGTH = 200;
const MAX_NAMES = 1000;

/** Where the content of an override says how it came about. */
export const OVERRIDE_NOTE = '_mahilo_override';

const Patterns = Type.Array(Type.String({ minLength: 1, maxLength: MAX_PATTERN_LENGTH }), {
  maxItems: MAX_PATTERNS,
});
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: MAX_NAMES });
const Length = Type.Integer({ minimum: 0 });

const RulesSchema = Type.Object(
  {
    maxLength: Type.Optional(Length),
    minLength: Type.Optional(Length),
    blockedPatterns: Type.Optional(Patterns),
    requiredPatterns: Type.Optional(Patterns),
    requireContext: Type.Optional(Type.Boolean()),
    trustedRecipients: Type.Optional(Names),
    blockedRecipients: Type.Optional(Names),
    // How an override came about; says nothing about messages.
    [OVERRIDE_NOTE]: Type.Optional(Type.Object({})),
  },
  { additionalProperties: false },
);

/** What a policy with rules says. */
export type Rules = Readonly<Static<typeof RulesSchema>>;

const isRules = new Ajv({ allErrors: true }).compile<Rules>(RulesSchema);

/** A mistake in a policy's content: its place, and what is wrong. */
export interface Mistake {
  path: string;
  message: string;
}

/** The rules in a JSON text, or what is wrong with it. Does not look into patterns. */
export function parseRules(json: string): { rules: Rules } | { mistakes: Mistake[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { mistakes: [{ path: '', message: 'must be JSON' }] };
  }
  return isRules(parsed) ? { rules: parsed } : { mistakes: (isRules.errors ?? []).map(mistakeOf) };
}

function mistakeOf({ keyword, instancePath, params, message }: ErrorObject): Mistake {
  const path = instancePath.split('/').slice(1);
  if (keyword === 'additionalProperties') {
    return { path: [...path, String(params['additionalProperty'])].join('.'), message: 'is no rule' };
  }
  return { path: path.join('.'), message: message ?? 'is not valid' };
}

/** Whether rules have no condition, and so concern every message. */
export function isUnconditional(rules: Rules): boolean {
  return Object.keys(rules).every((name) => name === OVERRIDE_NOTE);
}

/** All patterns of some rules. */
export function patternsOf({ blockedPatterns = [], requiredPatterns = [] }: Rules): string[] {
  return [...blockedPatterns, ...requiredPatterns];
}
