import type { ErrorCode } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { forCaller } from '../http/error-handler.ts';

/** JSON-RPC 2.0 leaves -32000 to -32099 to servers; `data.code` says which error it is. */
const SERVER_ERROR = -32_000;

/** Those that JSON-RPC 2.0 names. */
const RPC_CODES: Partial<Record<ErrorCode, number>> = {
  INVALID_JSON: -32_700,
  INVALID_REQUEST: -32_600,
  INTERNAL_ERROR: -32_603,
};

/**
 * Answers an error that comes before the protocol does (no key, no room, no JSON) with its HTTP status, and as a
 * JSON-RPC error without an id, since the request may not have been read.
 */
export function sendRpcError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = forCaller(thrown, request);
  const { code, message, details, retryAfterSeconds } = error;
  // No `resource_metadata`: a host would take it for OAuth, and leave out the key that its user configured.
  if (code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer realm="mahilo"');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  const data = { code, details, request_id: request.id };
  reply
    .status(error.status)
    .type('application/json; charset=utf-8')
    .send({ jsonrpc: '2.0', error: { code: RPC_CODES[code] ?? SERVER_ERROR, message, data } });
}
