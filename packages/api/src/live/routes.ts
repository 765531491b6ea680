import type { IncomingMessage } from 'node:http';
import websocket from '@fastify/websocket';
import { MahiloError } from '@mahilo/shared/errors';
import type { FastifyRequest } from 'fastify';
import { type Caller, isExpired } from '../access/caller.ts';
import { mayUse } from '../access/scopes.ts';
import { isKeyStillValid, refusalOf, requireUser, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answerOnSocket } from '../http/error-handler.ts';
import { answers } from '../http/fields.ts';
import { Type } from '../http/type.ts';
import { END, type StreamRequest } from './event-stream.ts';
import type { Feed } from './feed.ts';
import type { LiveEvent } from './live-event.ts';
import { EventText, resumeAfter, SseHeaders, SseQuery, WebSocketQuery } from './schemas.ts';
import { SSE_HEADERS, SseBody } from './sse.ts';
import { Streams } from './streams.ts';
import { WEBSOCKET_OPTIONS, WebSocketSink } from './websocket.ts';

/** The path of the WebSocket, below `/api/v1`. */
export const WEBSOCKET_PATH = '/notifications/ws';

/** A key of one agent sees only what happens to its connection. */
function isShownTo(caller: Caller, { type, data }: LiveEvent): boolean {
  if (type === 'connection') return true;
  return [data['connection_id'], data['sender_connection_id']].some((id) => mayUse(caller, id));
}

/** Live events: SSE and WebSocket, two forms of the same stream. Register it in a context of its own. */
export async function registerLive(app: App, deps: ApiDeps, feed: Feed, keyCache: KeyCache): Promise<void> {
  const { clock, settings } = deps;
  const streams = new Streams(
    { ...deps, feed, heartbeatMs: settings.STREAM_HEARTBEAT_MS },
    app.budgets.streams,
  );
  const requestOf = (request: FastifyRequest, after: number | undefined): StreamRequest => {
    const user = userOf(request);
    return {
      user,
      after,
      isKeyValid: () => isKeyStillValid(request, keyCache),
      isKeyExpired: () => isExpired(user, clock.now()),
      shows: (event) => isShownTo(user, event),
    };
  };
  app.addHook('preClose', async () => streams.close());

  app.get(
    '/events',
    {
      ...requireUser,
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamEvents',
        tags: ['Live events'],
        summary: 'My events as they happen, as Server-Sent Events',
        headers: SseHeaders,
        querystring: SseQuery,
        errors: ['TOO_MANY_STREAMS'],
        response: answers({ 200: { content: { 'text/event-stream': { schema: EventText } } } }),
      },
    },
    (request, reply) => {
      // The header is newer: an EventSource that reconnects keeps its URL.
      const after = resumeAfter(request.headers['last-event-id'], request.query.last_event_id);
      const body = new SseBody(reply.raw);
      body.stream = streams.open('sse', request, requestOf(request, after), body);
      body.stream.start();
      return reply.headers(SSE_HEADERS).send(body);
    },
  );

  await app.register(websocket, { options: WEBSOCKET_OPTIONS });
  // Fastify's answer neither opens nor refuses a WebSocket.
  const ids = new WeakMap<IncomingMessage, string>();
  app.websocketServer.on('headers', (headers, request) => {
    headers.push(`X-Request-Id: ${ids.get(request)}`);
  });
  app.websocketServer.on('wsClientError', ({ message }, socket, request) => {
    answerOnSocket(socket, ids.get(request) ?? '', 'INVALID_REQUEST', `${message}.`);
  });
  app.route({
    method: 'GET',
    url: WEBSOCKET_PATH,
    exposeHeadRoute: false,
    config: { keyInQuery: true },
    preParsing: async (request) => {
      ids.set(request.raw, request.id);
      if (request.user !== null) return;
      const refusal = refusalOf(request);
      // A close frame reports a bad key, since a browser sees nothing else.
      if (!request.ws || refusal.code !== 'UNAUTHORIZED') throw refusal;
    },
    schema: {
      operationId: 'openEventSocket',
      tags: ['Live events'],
      summary: 'My events as they happen, over a WebSocket',
      querystring: WebSocketQuery,
      errors: ['UPGRADE_REQUIRED', 'TOO_MANY_STREAMS'],
      security: [{ apiKey: [] }, { api_key: [] }],
      response: {
        ...answers({
          101: Type.Null({ description: 'A WebSocket; each event is a text with the JSON of an `Event`.' }),
        }),
        default: Type.Ref('Error'),
      },
    },
    handler: (_request, reply) => {
      // Node leaves a connection open whose `Connection` header says something else, also where the client asked it to close.
      reply.headers({ upgrade: 'websocket', connection: 'upgrade, close' });
      throw new MahiloError(
        'UPGRADE_REQUIRED',
        'This is a WebSocket; connect to it with a WebSocket client.',
      );
    },
    wsHandler: (socket, request) => {
      if (request.user === null) {
        socket.close(END.unauthorized, 'A valid API key is needed.');
        return;
      }
      const sink = new WebSocketSink(socket, deps);
      try {
        const streamRequest = requestOf(request, resumeAfter(request.query.last_event_id));
        sink.stream = streams.open('websocket', request, streamRequest, sink);
      } catch (error) {
        if (!(error instanceof MahiloError)) throw error;
        socket.close(END.tooMany, error.message);
      }
      sink.stream?.start();
    },
  });
}
