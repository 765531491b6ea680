import type { ErrorCode, MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { forCaller } from './error-handler.ts';
import type { Id } from './rpc-message.ts';

/** Error codes of JSON-RPC 2.0 (§5.1), which leaves -32000 to -32099 to servers. */
export const RPC_CODE = {
  parseError: -32_700,
  invalidRequest: -32_600,
  invalidParams: -32_602,
  internalError: -32_603,
  serverError: -32_000,
} as const;

const CODES: Partial<Record<ErrorCode, number>> = {
  INVALID_JSON: RPC_CODE.parseError,
  INVALID_REQUEST: RPC_CODE.invalidRequest,
  INTERNAL_ERROR: RPC_CODE.internalError,
};

/** The code that an error has in JSON-RPC; our own is in `data`. */
export function rpcCodeOf({ code }: Pick<MahiloError, 'code'>): number {
  return CODES[code] ?? RPC_CODE.serverError;
}

/**
 * Error handler of a route that speaks JSON-RPC. Answers an error that comes before the protocol does (no key, no room, no
 * JSON) with its HTTP status, and as a JSON-RPC error.
 * @param bodyOf what the protocol has beside `jsonrpc`, `error.code` and `error.message`.
 */
export function rpcErrorHandler(
  bodyOf: (error: MahiloError, request: FastifyRequest) => { id?: Id; data: unknown },
): (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  return (thrown, request, reply) => {
    const error = forCaller(thrown, request);
    // No `resource_metadata`: a host would take it for OAuth, and leave out the key that its user configured.
    if (error.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer realm="mahilo"');
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
    const { data, ...rest } = bodyOf(error, request);
    reply
      .status(error.status)
      .type('application/json; charset=utf-8')
      .send({ jsonrpc: '2.0', ...rest, error: { code: rpcCodeOf(error), message: error.message, data } });
  };
}
