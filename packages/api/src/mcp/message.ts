import type { FastifyReply, FastifyRequest } from 'fastify';

/** Headers of the protocol. Others, the key among them, are none of the SDK's business. */
const PROTOCOL_HEADER = /^(?:content-type|accept|mcp-.*)$/;

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
