import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from '../deps.ts';
import type { Budget, Holding, Owner } from './budget.ts';
import type { ClientAddresses } from './client-address.ts';

/** What has so many bytes at most is not counted: connections are, and each has one request and one answer at a time. */
const SMALL_BYTES = 8192;
/** What waits, at most, of an answer that is read from somewhere as its client takes it. */
const STREAMED_BYTES = 65_536;
/** Methods whose body nobody reads. */
const BODYLESS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

declare module 'fastify' {
  interface FastifyRequest {
    /** The room that its body takes until it is answered; undefined when that is next to nothing. */
    bodyRoom: Holding | undefined;
  }
}

export interface TransferDeps {
  requestBytes: Budget;
  responseBytes: Budget;
  addresses: ClientAddresses;
  /** A client that takes no byte of its answer for so long (ms) is let go. */
  stalledMs: number;
  userIdOf(request: FastifyRequest): string | undefined;
}

/**
 * Bounds what requests and answers hold: the bodies that arrive or are being worked on, and the answers that their clients
 * have not read. Register it after everything that refuses a request before its body is read.
 */
export function registerTransfers(app: App, deps: TransferDeps): void {
  const ownerOf = (request: FastifyRequest): Owner => ({
    userId: deps.userIdOf(request),
    client: request.client,
  });
  app.decorateRequest('bodyRoom', undefined);
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const bytes = bodyBytes(request);
    // A proxy may pass on bodies as they come: then each small one counts, too, since its connection does not.
    if (bytes === 0 || (bytes <= SMALL_BYTES && !deps.addresses.peerOf(request.raw.socket).isTrusted))
      return done();
    const amount = Math.max(bytes, SMALL_BYTES);
    const room = taken(() => deps.requestBytes.take(ownerOf(request), amount, () => request.raw.destroy()));
    if (room instanceof MahiloError) return done(room);
    request.bodyRoom = room;
    reply.raw.once('close', () => room.release());
    return done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    request.bodyRoom?.finish();
    done();
  });
  // An injected answer is never closed.
  app.addHook('onResponse', (request, _reply, done) => {
    request.bodyRoom?.release();
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    const bytes = answerBytes(payload, reply);
    const { socket } = request.raw;
    // A small one may stand behind others that the client does not read.
    if (bytes <= SMALL_BYTES && !(socket.writableLength > 0)) return done();
    const room = taken(() => deps.responseBytes.take(ownerOf(request), bytes, () => reply.raw.destroy()));
    if (room instanceof MahiloError) return done(room);
    reply.raw.once('close', () => room.release());
    // It goes by what the system has taken, and Node sets it anew when the answer is done. Injected requests have none.
    if (socket instanceof Socket) socket.setTimeout(deps.stalledMs);
    return done();
  });
}

/** Lets go of a body that is not needed any more, while its request goes on. */
export function dropBody(request: FastifyRequest): void {
  request.body = undefined;
  request.bodyRoom?.release();
}

function taken(take: () => Holding): Holding | MahiloError {
  try {
    return take();
  } catch (error) {
    if (error instanceof MahiloError) return error;
    throw error;
  }
}

/** How many bytes of a body may arrive: without a length as many as the route takes. */
function bodyBytes({ method, headers, routeOptions }: FastifyRequest): number {
  if (BODYLESS.has(method)) return 0;
  const { bodyLimit } = routeOptions;
  if (headers['transfer-encoding'] !== undefined) return bodyLimit;
  return Math.min(Number(headers['content-length'] ?? 0), bodyLimit);
}

function answerBytes(payload: unknown, reply: FastifyReply): number {
  if (typeof payload === 'string')
    return payload.length > SMALL_BYTES ? Buffer.byteLength(payload) : payload.length;
  if (Buffer.isBuffer(payload)) return payload.length;
  // Live streams look after themselves.
  const isLive = String(reply.getHeader('content-type')).startsWith('text/event-stream');
  return payload instanceof Readable && !isLive ? STREAMED_BYTES : 0;
}
