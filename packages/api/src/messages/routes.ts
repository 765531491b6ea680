import { idAtTime } from '@mahilo/shared/ids';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { ownConnection } from '../access/scopes.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import { counterpartIn } from '../conversations/counterpart.ts';
import { deliveryCountsOf } from '../deliveries/delivery-counts.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams, Success } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import { preferredWait } from '../http/prefer.ts';
import { parseSince } from '../http/since.ts';
import { dropBody } from '../http/transfers.ts';
import { Type } from '../http/type.ts';
import type { Feed } from '../live/feed.ts';
import { wantWaitRoom } from '../live/wait-room.ts';
import { awaitSettled } from './await-settled.ts';
import { eraseOwnMessage } from './erase-own.ts';
import type { HeldMessage } from './held-message.ts';
import { listMessages } from './messages.ts';
import { readMessage, toMessage } from './read-message.ts';
import {
  Message,
  MessagesQuery,
  MessageWithDeliveries,
  Rejected,
  ROUTING_ERRORS,
  type Send,
  SendBody,
  SendHeaders,
  Sent,
} from './schemas.ts';
import type { RejectedMessage, Sending, SendMessage } from './send.ts';

/** An id is created a moment before or after `created_at` is read; `since` compares the latter. */
const ID_TOLERANCE_MS = 60_000;

export function registerMessages(app: App, deps: ApiDeps, sendMessage: SendMessage, feed: Feed): void {
  const { db } = deps;

  app.post(
    '/messages/send',
    {
      ...requireUser,
      schema: {
        operationId: 'sendMessage',
        tags: ['Messages'],
        summary: 'Send a message; once answered with 200 it is delivered, however long the agent is away',
        headers: SendHeaders,
        body: SendBody,
        // A 403 is an error, or the rejection by a policy.
        errors: [
          ...ROUTING_ERRORS,
          'INVALID_SELECTOR',
          'LOCAL_DECISION_REQUIRED',
          'LOCAL_DECISION_CONFLICT',
          'LOCAL_DECISION_STALE',
          'IDEMPOTENCY_CONFLICT',
        ],
        response: answers({ 200: Sent, 403: Type.Union([Rejected, Type.Ref('Error')]) }),
      },
    },
    async (request, reply) => {
      const user = userOf(request);
      const key = request.headers['idempotency-key'];
      const send = inNameOf(user, request.body);
      const sent = await sendMessage(user, send, key);
      const { message_id } = sent;
      request.createdIds = { message_id, ...('delivery_id' in sent && { delivery_id: sent.delivery_id }) };
      const wait = preferredWait(request.headers.prefer);
      if (isOver(sent)) return over(reply, sent, send, wait);
      // A preference that cannot be met is ignored (RFC 7240 §2).
      using room = wait === undefined ? undefined : wantWaitRoom(request, reply);
      if (wait === undefined || room === undefined) return sent;
      reply.header('preference-applied', `wait=${wait}`);
      dropBody(request);
      const options = { timeoutMs: wait * 1000, signal: room.signal };
      return await awaitSettled(deps, feed, user.id, sent, options);
    },
  );

  app.get(
    '/messages',
    {
      ...requireUser,
      schema: {
        operationId: 'listMessages',
        tags: ['Messages'],
        summary: 'What I sent and was sent',
        querystring: MessagesQuery,
        errors: ['INVALID_SINCE'],
        response: answers({ 200: Type.Array(Message) }),
      },
    },
    async (request, reply) => {
      const { direction, since, status, correlation_id: correlationId } = request.query;
      const page = pageOf(request.query);
      const from = since === undefined ? undefined : parseSince(since);
      const sinceId = from === undefined ? undefined : idAtTime('msg', Math.max(0, from - ID_TOLERANCE_MS));
      const counterpart = counterpartIn(request.query);
      const filter = { direction, with: counterpart, since: from, sinceId, status, correlationId };
      const userId = userOf(request).id;
      const { rows, stoppedAt } = await listMessages(db.kysely, userId, filter, page);
      const shown = sendPage(request, reply, page, rows, (row) => row.id, stoppedAt);
      if (request.query.include === undefined) return shown.map(toMessage);
      const counts = await deliveryCountsOf(db.kysely, userId, shown);
      return shown.map((row) => ({ ...toMessage(row), delivery_counts: counts.get(row.id) }));
    },
  );

  app.get(
    '/messages/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'getMessage',
        tags: ['Messages'],
        summary: 'One message, with its deliveries',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: MessageWithDeliveries }),
      },
    },
    (request) => readMessage(deps, userOf(request), request.params.id),
  );

  app.delete(
    '/messages/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'eraseMessage',
        tags: ['Messages'],
        summary: 'Erase what a message of mine said; what is not delivered yet is cancelled',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Success }),
      },
    },
    async (request) => {
      await eraseOwnMessage(deps, userOf(request), request.params.id);
      return { success: true as const };
    },
  );
}

/** A send in the name of the caller's one agent, if the caller is no more than that. @throws MahiloError INSUFFICIENT_SCOPE */
function inNameOf(caller: Caller, send: Send): Send {
  const { sender_connection_id: named } = send;
  const own = ownConnection(caller, named);
  return own === undefined || own === named ? send : { ...send, sender_connection_id: own };
}

/** Whether waiting would change nothing. */
function isOver(sent: Sending): sent is RejectedMessage | HeldMessage {
  return 'resolution' in sent || sent.status === 'rejected';
}

function over(
  reply: FastifyReply,
  sent: RejectedMessage | HeldMessage,
  send: { resolution_id?: string },
  wait: number | undefined,
) {
  if (wait !== undefined) reply.header('preference-applied', `wait=${wait}`);
  return 'resolution' in sent ? sent : refuse(reply, sent, send);
}

/** Existing clients read no 403 to a request that names a decision, and show others why it was refused. */
function refuse(
  reply: FastifyReply,
  rejected: RejectedMessage,
  { resolution_id }: { resolution_id?: string },
): FastifyReply {
  return resolution_id === undefined
    ? reply.status(403).send(rejected)
    : reply.send({ ...rejected, rejection_reason: 'Message blocked by policy.' });
}
