import { Readable } from 'node:stream';
import { A2AError, toJsonRpcError, VersionNotSupportedError } from '@a2a-js/sdk/errors';
import { JsonRpcTransportHandler, ServerCallContext } from '@a2a-js/sdk/server';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyReply } from 'fastify';
import { forCaller } from '../http/error-handler.ts';
import { destroySoon } from '../http/last-word.ts';
import { RPC_CODE, rpcCodeOf } from '../http/rpc-error.ts';
import { idOf, type Message } from '../http/rpc-message.ts';
import { SSE_HEADERS } from '../live/sse.ts';
import { AgentCalls } from './agent-calls.ts';
import { PROTOCOL_VERSION } from './card.ts';
import { assertParts } from './parts.ts';
import { detailsOf } from './rpc-details.ts';
import type { Session } from './session.ts';

type RpcResponse = Exclude<Awaited<ReturnType<JsonRpcTransportHandler['handle']>>, AsyncGenerator>;

/** Bytes of a stream that wait for its client, beside what the system buffers. */
const ROOM_BYTES = 16_384;

/** Answers one JSON-RPC message to an agent, with the SDK. */
export async function answer(session: Session, message: Message): Promise<FastifyReply> {
  const { request, reply } = session;
  const calls = new AgentCalls(session);
  // Without the header a client means 0.3 (A2A 1.0 §3.6.2).
  const version = request.headers['a2a-version'] ?? '0.3';
  if (version !== PROTOCOL_VERSION) {
    const refusal = new VersionNotSupportedError(
      `This registry speaks A2A ${PROTOCOL_VERSION} (A2A-Version).`,
    );
    return send(session, { jsonrpc: '2.0', id: idOf(message), error: toJsonRpcError(refusal) });
  }
  try {
    assertParts(message);
  } catch (thrown) {
    return send(session, failed(idOf(message), thrown, calls, session));
  }
  const context = new ServerCallContext({ requestedVersion: PROTOCOL_VERSION });
  const answered = await new JsonRpcTransportHandler(calls).handle({ ...message }, context);
  if (!(Symbol.asyncIterator in answered)) return send(session, mended(answered, calls, session));
  const messages = answered[Symbol.asyncIterator]();
  let first: IteratorResult<RpcResponse, void>;
  try {
    first = await messages.next();
  } catch (thrown) {
    return send(session, failed(idOf(message), thrown, calls, session));
  }
  endIfUnread(session);
  const events = eventsOf(
    first,
    messages,
    (thrown) => failed(idOf(message), thrown, calls, session),
    session,
  );
  return reply
    .headers(SSE_HEADERS)
    .send(Readable.from(events, { highWaterMark: ROOM_BYTES, objectMode: false }));
}

function send({ reply }: Session, response: RpcResponse & { status?: number }): FastifyReply {
  const { status = 200, ...body } = response;
  return reply.status(status).type('application/json; charset=utf-8').send(body);
}

/** The SDK makes an internal error of what it does not know, with its text. Errors of ours are told in our words. */
function mended(response: RpcResponse, { refusal, hasBegun }: AgentCalls, session: Session) {
  const { id, error } = response;
  if (error === undefined) return response;
  if (refusal !== undefined) return refused(id, refusal, session);
  if ((error as { code?: number }).code !== RPC_CODE.internalError) return response;
  const mistake = hasBegun
    ? forCaller(new Error('The SDK could not write an answer.', { cause: error }), session.request)
    : new MahiloError('INVALID_REQUEST', 'The params do not have the form that A2A 1.0 gives them.');
  return refused(id, mistake, session);
}

function failed(id: RpcResponse['id'], thrown: unknown, { refusal }: AgentCalls, session: Session) {
  if (thrown instanceof A2AError) return { jsonrpc: '2.0', id, error: toJsonRpcError(thrown) };
  return refused(id, refusal ?? forCaller(thrown, session.request), session);
}

/** Our own faults have their HTTP status, too, so that who watches those sees them. */
function refused(id: RpcResponse['id'], error: MahiloError, { request }: Session) {
  const code = error.code === 'INVALID_REQUEST' ? RPC_CODE.invalidParams : rpcCodeOf(error);
  const data = detailsOf(error, request.id);
  return {
    jsonrpc: '2.0',
    id,
    error: { code, message: error.message, data },
    ...(error.status >= 500 && { status: error.status }),
  };
}

/** The body of a stream (html.spec.whatwg.org/multipage/server-sent-events.html §9.2.5). */
async function* eventsOf(
  first: IteratorResult<RpcResponse, void>,
  messages: AsyncIterator<RpcResponse, void>,
  failure: (thrown: unknown) => RpcResponse,
  { deps, reply }: Session,
): AsyncGenerator<string, void, undefined> {
  try {
    for (let next = first; next.done !== true; next = await messages.next()) {
      const { result } = next.value;
      const isEmpty = Object.keys(result ?? {}).length === 0;
      yield isEmpty ? ': still here\n\n' : `data: ${JSON.stringify(next.value)}\n\n`;
    }
  } catch (thrown) {
    const { status: _, ...body } = failure(thrown) as RpcResponse & { status?: number };
    yield `event: error\ndata: ${JSON.stringify(body)}\n\n`;
  } finally {
    await messages.return?.();
    // Else a slow client may take its time for the answer.
    if (deps.feed.isClosed) destroySoon(reply.raw);
  }
}

/** Lets go of a client that reads nothing for two heartbeats. */
function endIfUnread({ reply: { raw }, deps }: Session): void {
  let wasFull = false;
  const heart = setInterval(() => {
    if (wasFull && raw.writableNeedDrain) raw.destroy();
    wasFull = raw.writableNeedDrain;
  }, deps.settings.STREAM_HEARTBEAT_MS);
  raw.once('close', () => clearInterval(heart));
}
