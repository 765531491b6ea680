import type { ErrorCode } from '@mahilo/shared/errors';
import { ERROR_STATUS } from '@mahilo/shared/errors';
import type { Static, TSchema, TString, TUnsafe } from 'typebox';
import { Type } from './type.ts';

declare module 'fastify' {
  interface FastifySchema {
    /** The error codes that this route answers beside those that every route of its kind has. */
    errors?: readonly ErrorCode[];
  }
}

/** What a field says to readers and to generators. A schema with a `title` is a component of that name in the document. */
export interface Told {
  title?: string;
  description?: string;
  /** The first one stands in the reference. */
  examples?: readonly unknown[];
  /** What the document says beside: rules that a check of its own holds, with an error code of its own. */
  documented?: Readonly<Record<string, unknown>>;
}

interface TextOptions extends Told {
  minLength?: number;
  maxLength?: number;
  maxBytes?: number;
}

/** A text that can be stored as it is (it has a UTF-8 form). */
export function text(options: TextOptions = {}): TString {
  const { examples, ...rest } = options;
  return Type.String({ ...rest, ...(examples && { examples: [...examples] }), format: 'well-formed' });
}

/** A text that may not be empty, and has no line that is much too long (characters). */
export function shortText(description: string, example: string, maxLength = 255): TString {
  return text({ minLength: 1, maxLength, description, examples: [example] });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(
  words: Words,
  options: Told = {},
): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: words, ...options });
}

/** The part of an example's id after its prefix: a UUIDv7 of 23 November 2026, 20:00 UTC, in the form of a TypeID. */
const EXAMPLE_ID = '01m84zwwg0e28thb7ktkjzc1rr';

/** An example of an id with this prefix. */
export function exampleId(prefix: string): string {
  return `${prefix}_${EXAMPLE_ID}`;
}

/** An id in an answer: a TypeID (prefix and UUIDv7), so that ids sort by the time at which they were given out. */
export function id(prefix: string, description: string): TString {
  return Type.String({ description, pattern: `^${prefix}_[0-9a-z]+$`, examples: [exampleId(prefix)] });
}

/** A time in an answer. */
export function time(description: string): TString {
  return Type.String({ description, format: 'date-time', examples: ['2026-11-23T20:00:00.000Z'] });
}

/** The same field where it may be null. Two types cost less to write than a union of schemas. */
export function nullable<Schema extends TSchema & { type: string }>(
  schema: Schema,
): TUnsafe<Static<Schema> | null> {
  return Type.Unsafe({ ...schema, type: [schema.type, 'null'] });
}

const USERNAME = { description: 'A username.', examples: ['ann'] };

/** A username in an answer, where all are in lower case. */
export function username(description: string): TString {
  return Type.String({ ...USERNAME, description, pattern: '^[a-z0-9_-]{3,30}$' });
}

const API_KEY = 'mhl_7Kq2mWz9Lp4X_4fT8xVbN1cRjYpQe6uHsLgDa0oKiZwM5';

/** A whole API key, as the answer that makes it has it. */
export function apiKey(description: string) {
  return Type.String({ description, pattern: '^mhl_[0-9A-Za-z]{8,}_[0-9A-Za-z]{32,}$', examples: [API_KEY] });
}

/** The `:id` of a path. */
export const IdParams = Type.Object({
  id: Type.String({
    description: 'The id, as the list or the answer that made it has it.',
    examples: [EXAMPLE_ID],
  }),
});

export const Success = Type.Object(
  { success: Type.Literal(true, { description: 'It is done.' }) },
  { title: 'Success', description: 'It is done.' },
);

/** Every error answer. */
export const ErrorAnswer = Type.Object(
  {
    error: Type.String({
      description: 'One sentence for people; its words may change.',
      examples: ['username must have 3–30 of A–Z a–z 0–9 _ -.'],
    }),
    code: oneOf(Object.keys(ERROR_STATUS), { title: 'ErrorCode', description: 'Stable: switch on this.' }),
    details: Type.Optional(
      Type.Array(
        Type.Object(
          {
            path: Type.String({ description: 'The field, or the name of a bound.', examples: ['username'] }),
            message: Type.String({
              description: 'What is wrong with it.',
              examples: ['must have 3–30 of A–Z a–z 0–9 _ -'],
            }),
          },
          { title: 'ErrorDetail', description: 'One mistake in a request.' },
        ),
        { description: 'Each field that is wrong, or the bound that was reached.' },
      ),
    ),
    request_id: Type.String({
      description: 'Quote it to the operator; the same as the header `X-Request-Id`.',
      examples: ['req_4f9KdmZ1xQ2w'],
    }),
  },
  { $id: 'Error', title: 'Error', description: 'Every answer that is not 2xx.' },
);

/** One for all routes, which have one serializer for it. */
const errorAnswer = Type.Ref('Error');

/** The answers of a route: its own, and the error answer for everything else. */
export function answers<Own extends Record<number, TSchema>>(own: Own) {
  return { ...own, '4xx': errorAnswer, '5xx': errorAnswer };
}
