import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isBusy, isStorageFailure } from '@mahilo/shared/db/busy';
import { type ErrorCode, type ErrorDetail, MahiloError } from '@mahilo/shared/errors';
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import type { App } from '../deps.ts';
import { destroySoon } from './last-word.ts';

/** Node's own limit (bytes) of a request line and headers. */
export const MAX_HEADER_BYTES = 16_384;

/** Most details in one answer; a caller mends the first ones first. */
const MAX_DETAILS = 20;

export const NOT_JSON = 'The body must be JSON, sent with Content-Type: application/json.';
export const INVALID_PATH = 'The path is not a valid URL path.';

/** Fastify's own errors, in this API's form. */
const FRAMEWORK_ERRORS: Readonly<Record<string, [code: ErrorCode, sentence: string]>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ['INVALID_JSON', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', NOT_JSON],
  FST_ERR_CTP_BODY_TOO_LARGE: ['PAYLOAD_TOO_LARGE', 'The request body is too large.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['INVALID_REQUEST', 'The body is not as long as Content-Length says.'],
  // This means the client's connection: nothing else that a request waits for throws it.
  ECONNRESET: ['INVALID_REQUEST', 'The request ended before its body was complete.'],
  FST_ERR_BAD_URL: ['INVALID_REQUEST', INVALID_PATH],
};

/** All that any route here takes. */
const METHODS = 'GET, HEAD, POST, PATCH, DELETE';

type SocketError = readonly [code: ErrorCode, sentence: string];

/** What Node reports of bytes that its HTTP parser refused. */
interface ClientError extends NodeJS.ErrnoException {
  /** The bytes that arrived last. */
  rawPacket?: unknown;
}

/** Errors of Node's HTTP parser, by code. */
const SOCKET_ERRORS: Readonly<Record<string, SocketError>> = {
  HPE_HEADER_OVERFLOW: ['HEADERS_TOO_LARGE', 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'The request did not arrive in time.'],
};

const NOT_HTTP: SocketError = ['INVALID_REQUEST', 'This is not a valid HTTP/1.1 request.'];
const URL_TOO_LONG: SocketError = ['URI_TOO_LONG', 'The URL is too long.'];

/** Whether the headers became too large before the line with the URL ended. */
function isEndlessLine({ code, rawPacket }: ClientError): boolean {
  if (code !== 'HPE_HEADER_OVERFLOW' || !Buffer.isBuffer(rawPacket)) return false;
  return !rawPacket.subarray(0, MAX_HEADER_BYTES).includes('\n');
}

/** Answers every error, whatever threw it, in the contract's one form. */
export function registerErrorHandler(app: App): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
}

/**
 * Sends the error answer. An error that is not meant for the caller is logged, and answered as `INTERNAL_ERROR`
 * without detail.
 */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = forCaller(thrown, request);
  if (error.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  reply
    .header('x-request-id', request.id)
    .type('application/json; charset=utf-8')
    .status(error.status)
    .send({ error: error.message, code: error.code, details: error.details, request_id: request.id });
}

/** What a caller may know of an error. Logs one that is a fault of ours. */
export function forCaller(thrown: unknown, { log, id }: Pick<FastifyRequest, 'log' | 'id'>): MahiloError {
  const error = toMahiloError(thrown);
  // An error without a cause is a refusal that this API decided on, and no fault.
  if (error.status >= 500 && error.cause !== undefined) {
    log.error({ err: thrown, request_id: id }, 'The request failed');
  }
  return error;
}

/** Answers bytes that are not HTTP, headers that are too large, or a request that never ends, on the bare socket. */
export function clientErrorHandler(newRequestId: () => string): (error: ClientError, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const [code, sentence] = isEndlessLine(error)
      ? URL_TOO_LONG
      : (SOCKET_ERRORS[error.code ?? ''] ?? NOT_HTTP);
    answerOnSocket(socket, newRequestId(), code, sentence);
  };
}

/** Answers CONNECT, for which Node makes no HTTP response: this is no proxy. */
export function refuseTunnels(app: App, newRequestId: () => string): void {
  app.server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    const refusal = new MahiloError('METHOD_NOT_ALLOWED', 'CONNECT is not possible here: this is no proxy.');
    socket.end(bareAnswer(newRequestId(), refusal, METHODS));
    destroySoon(socket);
  });
}

/** Answers an error without an HTTP response, and closes the connection. */
export function answerOnSocket(socket: Duplex, requestId: string, code: ErrorCode, sentence: string): void {
  socket.end(bareAnswer(requestId, new MahiloError(code, sentence)));
  destroySoon(socket);
}

/** The bytes of an error answer after which the connection ends. */
export function bareAnswer(
  requestId: string,
  { status, code, message, details, retryAfterSeconds }: MahiloError,
  allow?: string,
): string {
  const body = JSON.stringify({ error: message, code, details, request_id: requestId });
  const retryAfter = retryAfterSeconds === undefined ? '' : `Retry-After: ${retryAfterSeconds}\r\n`;
  const allowed = allow === undefined ? '' : `Allow: ${allow}\r\n`;
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nX-Request-Id: ${requestId}\r\n${retryAfter}${allowed}` +
    `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `Connection: close\r\n\r\n${body}`
  );
}

function toMahiloError(thrown: unknown): MahiloError {
  if (thrown instanceof MahiloError) return thrown;
  if (isBusy(thrown) || isStorageFailure(thrown)) {
    return new MahiloError('UNAVAILABLE', 'The database cannot answer at the moment.', {
      retryAfterSeconds: 1,
      cause: thrown,
    });
  }
  const error = (thrown ?? {}) as Partial<FastifyError>;
  if (error.validation) return invalidRequest(error.validation, error.validationContext ?? 'body');
  const listed = FRAMEWORK_ERRORS[error.code ?? ''];
  if (listed) return new MahiloError(listed[0], listed[1], { cause: thrown });
  return new MahiloError('INTERNAL_ERROR', 'Something went wrong on our side.', { cause: thrown });
}

function invalidRequest(faults: readonly FastifySchemaValidationError[], context: string): MahiloError {
  const byPath = new Map(
    faults.map((fault) => detailOf(fault, context)).map((detail) => [detail.path, detail]),
  );
  const details = [...byPath.values()].slice(0, MAX_DETAILS);
  const sentence = details.map((detail) => `${detail.path} ${detail.message}`).join('; ');
  return new MahiloError('INVALID_REQUEST', `${sentence}.`, { details });
}

function detailOf(fault: FastifySchemaValidationError, context: string): ErrorDetail {
  const path = fault.instancePath.split('/').slice(1);
  if (fault.keyword === 'required') {
    return { path: [...path, String(fault.params['missingProperty'])].join('.'), message: 'is required' };
  }
  return { path: path.join('.') || context, message: mistakeIn(fault) };
}

function mistakeIn({ keyword, params, message = 'is not valid' }: FastifySchemaValidationError): string {
  const { allowedValues: choices, type: types } = params;
  if (Array.isArray(choices)) return `must be one of ${choices.join(', ')}`;
  if (Array.isArray(types)) return `must be ${types.join(' or ')}`;
  return keyword === 'format' ? 'must be well-formed Unicode text' : message;
}

/** The path without its query, since a query can contain a key. */
export function pathOf(request: { url: string }): string {
  const { url } = request;
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
