import { invalidField, MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Longest id (characters) of a request: a subscription repeats it in each notification. */
const MAX_ID = 255;

/** Headers of the protocol. Others, the key among them, are none of the SDK's business. */
const PROTOCOL_HEADER = /^(?:content-type|accept|mcp-.*)$/;

/** A JSON-RPC message, as far as this API looks into it. */
export type Message = Readonly<Record<string, unknown>>;

/** The message in a body. The SDK says what else is wrong with it. @throws MahiloError INVALID_JSON, INVALID_REQUEST */
export function messageOf(body: unknown): Message {
  if (body === undefined) throw new MahiloError('INVALID_JSON', 'The body is empty; it must be JSON.');
  if (!isObject(body)) {
    // A batch would be many requests that the rate limit counts as one. The protocol has had none since 2025-06-18.
    throw new MahiloError('INVALID_REQUEST', 'The body must be one JSON-RPC message.');
  }
  const { id } = body;
  if (typeof id === 'string' && id.length > MAX_ID) {
    throw invalidField('id', `must have at most ${MAX_ID} characters`);
  }
  return body;
}

export function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request as the SDK takes it; its body goes beside it. */
export function toFetchRequest({ headers }: Pick<FastifyRequest, 'headers'>, signal: AbortSignal): Request {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    PROTOCOL_HEADER.test(name) && typeof value === 'string' ? [[name, value]] : [],
  );
  // The SDK looks at no part of the URL.
  return new Request('http://localhost/mcp', { method: 'POST', headers: kept, signal });
}

/** Sends the SDK's answer as a text, so that it counts as any other that waits for its client. */
export async function sendAnswer(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  const type = response.headers.get('content-type');
  if (type !== null) reply.type(type);
  const text = await response.text();
  return reply.status(response.status).send(text === '' ? undefined : text);
}
