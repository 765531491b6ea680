import { type TSchema, type TString, Type } from 'typebox';

interface TextOptions {
  minLength?: number;
  maxLength?: number;
  maxBytes?: number;
  description?: string;
}

/** A text that can be stored as it is (it has a UTF-8 form). */
export function text(options: TextOptions = {}): TString {
  return Type.String({ ...options, format: 'well-formed' });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
  options: { description?: string } = {},
) {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: words, ...options });
}

/** The `:id` of a path. */
export const IdParams = Type.Object({ id: Type.String() });

export const Success = Type.Object({ success: Type.Literal(true) });

/** Every error answer. */
export const ErrorAnswer = Type.Object(
  {
    error: Type.String({ description: 'One human sentence.' }),
    code: Type.String({ description: 'Stable; switch on this.' }),
    details: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: 'Each field that is wrong.',
      }),
    ),
    request_id: Type.String(),
  },
  { $id: 'Error', title: 'Error' },
);

/** The answers of a route: its own, and the error answer for everything else. */
export function answers<Own extends Record<number, TSchema>>(own: Own) {
  return { ...own, '4xx': Type.Ref('Error'), '5xx': Type.Ref('Error') };
}
