import { createMcpHandler, type McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply } from 'fastify';
import { destroySoon } from '../http/last-word.ts';
import { isObject, type Message } from '../http/rpc-message.ts';
import { dropBody } from '../http/transfers.ts';
import { takeWaitRoom } from '../live/wait-room.ts';
import { inboxNews } from './inbox-news.ts';
import { inboxUri } from './inbox-resource.ts';
import { sendAnswer, toFetchRequest } from './message.ts';
import { serverFor } from './server.ts';
import type { Session } from './session.ts';

const LISTEN = 'subscriptions/listen';

/** Whether a message opens a subscription, whose answer is a stream. */
export function isListen({ method }: Message): boolean {
  return method === LISTEN;
}

/** The open subscriptions of this process. Each counts as a live stream of its user. */
export class Subscriptions {
  readonly #open = new Set<McpHttpHandler>();

  /** @throws MahiloError TOO_MANY_STREAMS, QUOTA_EXCEEDED, UNAVAILABLE */
  async open(session: Session, message: Message): Promise<FastifyReply> {
    const { deps, request, reply } = session;
    const room = takeWaitRoom(request, reply);
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      destroySoon(reply.raw);
    };
    const handler = createMcpHandler(({ era }) => serverFor(session, era), {
      bus: inboxNews(session, end),
      maxSubscriptions: 1,
      keepAliveMs: deps.settings.STREAM_HEARTBEAT_MS,
    });
    const close = () => {
      room[Symbol.dispose]();
      this.#open.delete(handler);
    };
    reply.raw.once('close', close);
    this.#open.add(handler);
    const signal = AbortSignal.any([room.signal, ended.signal]);
    const response = await handler.fetch(toFetchRequest(request, signal), {
      parsedBody: onlyOwn(message, inboxUri(session.caller)),
    });
    dropBody(request);
    if (response.headers.get('content-type') === 'text/event-stream') return reply.send(response);
    close();
    return sendAnswer(reply, response);
  }

  /** Ends all of them, as the protocol has it. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((handler) => handler.close()));
  }
}

/** The message without the resources of others: nothing about them would come, and it must not be kept or confirmed. */
function onlyOwn(message: Message, uri: string): Message {
  const params = isObject(message['params']) ? message['params'] : {};
  const notifications = isObject(params['notifications']) ? params['notifications'] : {};
  const asked = notifications['resourceSubscriptions'];
  if (!Array.isArray(asked)) return message;
  const resourceSubscriptions = asked.includes(uri) ? [uri] : [];
  return { ...message, params: { ...params, notifications: { ...notifications, resourceSubscriptions } } };
}
