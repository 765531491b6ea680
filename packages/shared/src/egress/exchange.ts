import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { systemClock } from '../clock.ts';
import { excerptOf } from './excerpt.ts';
import { ExchangeError, type Failure, receiverFault, STOPPED } from './failures.ts';

/** Reads no more of an answer's body, and for no longer (ms): the status code is what counts. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_BODY_MS = 500;
/** 100 Continue and the like; a real server sends one or two. */
const MAX_INFORMATIONAL = 16;

/** How one request ended. */
export type Exchange =
  | {
      kind: 'response';
      statusCode: number;
      /** As the receiver sent it. */
      retryAfter?: string;
      /** Beginning of the body, at most 1 KiB; null when there is none that a person can read. */
      excerpt: string | null;
      durationMs: number;
    }
  | ({ kind: 'failure'; durationMs: number } & Failure);

/**
 * The receiver closed an idle connection at the moment we used it again, so it never saw the request. This is the
 * only failure that is retried at once.
 */
export class StaleSocketError extends Error {
  override name = 'StaleSocketError';
}

export interface ExchangeOptions {
  /** On the monotonic clock. */
  startedAtMs: number;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** What an error of the request means. */
  failureOf: (error: unknown) => Failure;
}

/**
 * Follows one got stream to its end. Throws only StaleSocketError, and ignores whatever the stream does after its
 * end.
 */
export function exchange(stream: Duplex, options: ExchangeOptions): Promise<Exchange> {
  const { promise, resolve, reject } = Promise.withResolvers<Exchange>();
  const connection = watchConnection(stream);
  const chunks: Buffer[] = [];
  let bytes = 0;
  let response: IncomingMessage | undefined;
  let settled = false;

  const durationMs = () => Math.round(systemClock.monotonicMs() - options.startedAtMs);
  const settle = (done: () => void) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    done();
  };
  const fail = (failure: Failure) =>
    settle(() => {
      resolve({ kind: 'failure', ...failure, durationMs: durationMs() });
      stream.destroy();
    });
  const answer = ({ statusCode = 0, headers }: IncomingMessage) =>
    settle(() => {
      const retryAfter = headers['retry-after'];
      const excerpt = excerptOf(chunks, headers['content-encoding']);
      const exchange = { kind: 'response' as const, statusCode, excerpt, durationMs: durationMs() };
      resolve(retryAfter === undefined ? exchange : { ...exchange, retryAfter });
    });
  /** The answer counts as it is: the bytes after its header are only for people. */
  const cutShort = (incoming: IncomingMessage) => {
    answer(incoming);
    stream.destroy();
  };
  const stop = () => (response === undefined ? fail(STOPPED) : cutShort(response));
  let timer = setTimeout(
    () => fail(receiverFault('timeout', `No answer within ${options.timeoutMs} ms.`)),
    options.startedAtMs + options.timeoutMs - systemClock.monotonicMs(),
  );

  stream.on('response', (incoming: IncomingMessage) => {
    response = incoming;
    if (settled) return;
    clearTimeout(timer);
    timer = setTimeout(() => cutShort(incoming), MAX_BODY_MS);
  });
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes - chunk.length < MAX_BODY_BYTES) chunks.push(chunk);
    if (bytes >= MAX_BODY_BYTES && response !== undefined) cutShort(response);
  });
  stream.on('end', () => {
    if (response !== undefined) answer(response);
    // The receiver answered before it read the whole request. It may never read the rest, and the connection would
    // wait for that.
    if (!stream.writableFinished) stream.destroy();
  });
  stream.on('error', (error) => {
    if (response !== undefined) answer(response);
    else if (connection.isStale(error)) settle(() => reject(new StaleSocketError()));
    else fail(options.failureOf(connection.refusal() ?? error));
  });
  failWithoutAnswer(stream, fail);

  if (options.signal?.aborted === true) stop();
  else options.signal?.addEventListener('abort', stop, { once: true });
  return promise;
}

/** Fails when the receiver sends something other than an answer. */
function failWithoutAnswer(stream: Duplex, fail: (failure: Failure) => void): void {
  let informational = 0;
  stream.on('information', () => {
    informational += 1;
    if (informational > MAX_INFORMATIONAL)
      fail(receiverFault('response', 'The receiver keeps sending interim answers.'));
  });
  stream.on('upgrade', () => fail(receiverFault('response', 'The receiver switched to another protocol.')));
}

/** What only the request's socket knows about a failure. */
function watchConnection(stream: Duplex) {
  let request: ClientRequest | undefined;
  let bytesBefore: number | undefined;
  stream.on('request', (created: ClientRequest) => {
    request = created;
    if (!created.reusedSocket) return;
    created.once('socket', (reused) => {
      bytesBefore = reused.bytesRead;
    });
  });
  return {
    /** A reset of a reused connection before any byte of an answer. */
    isStale(error: unknown): boolean {
      const { code } = error as { code?: string };
      const reset = code === 'ECONNRESET' || code === 'EPIPE';
      return reset && bytesBefore !== undefined && request?.socket?.bytesRead === bytesBefore;
    },
    /** Why we destroyed the socket: a body that waits to be written fails with an error of its own first. */
    refusal(): ExchangeError | undefined {
      const reason = request?.socket?.errored;
      return reason instanceof ExchangeError ? reason : undefined;
    },
  };
}
