import { invalidField, MahiloError } from '@mahilo/shared/errors';

/** Longest id (characters) of a request: a stream repeats it in each of its messages. */
const MAX_ID = 255;

/** The id of a request; null where it could not be read (JSON-RPC 2.0 §5). */
export type Id = string | number | null;

/** A JSON-RPC message, as far as this API looks into it. */
export type Message = Readonly<Record<string, unknown>>;

/** The message in a body. The SDK says what else is wrong with it. @throws MahiloError INVALID_JSON, INVALID_REQUEST */
export function messageOf(body: unknown): Message {
  if (body === undefined) throw new MahiloError('INVALID_JSON', 'The body is empty; it must be JSON.');
  if (!isObject(body)) {
    // A batch would be many requests that the rate limit counts as one. MCP has had none since 2025-06-18, A2A has none.
    throw new MahiloError('INVALID_REQUEST', 'The body must be one JSON-RPC message.');
  }
  const { id } = body;
  if (typeof id === 'string' && id.length > MAX_ID) {
    throw invalidField('id', `must have at most ${MAX_ID} characters`);
  }
  return body;
}

/** The id of the request in a body. */
export function idOf(body: unknown): Id {
  const id = isObject(body) ? body['id'] : null;
  return (typeof id === 'string' && id.length <= MAX_ID) || typeof id === 'number' ? id : null;
}

export function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
