import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { idAtTime } from '@mahilo/shared/ids';
import { type MessageRow, sentFields } from '@mahilo/shared/messages/message-fields';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Caller } from '../access/caller.ts';
import { mayUse, ownConnection } from '../access/scopes.ts';
import { requireUser, userOf } from '../auth/authenticate.ts';
import { chargeForGroup } from '../bounds/charge-for-group.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import { deliveriesOfMessage } from '../deliveries/deliveries.ts';
import { toDeliveries } from '../deliveries/to-delivery.ts';
import type { ApiDeps, App } from '../deps.ts';

import { answers, IdParams, Success } from '../http/fields.ts';

import { pageOf, sendPage } from '../http/pagination.ts';
import { preferredWait } from '../http/prefer.ts';
import { parseSince } from '../http/since.ts';
import { dropBody } from '../http/transfers.ts';
import type { Feed } from '../live/feed.ts';
import { wantWaitRoom } from '../live/wait-room.ts';
import type { PolicyEnforcer } from '../policies/policy-enforcer.ts';
import type { ApiTelemetry } from '../telemetry.ts';
import { awaitSettled } from './await-settled.ts';
import { eraseOwnMessage } from './erase-own.ts';
import { findMessage, listMessages } from './messages.ts';
import {
  Message,
  MessagesQuery,
  MessageWithDeliveries,
  Rejected,
  SendBody,
  SendHeaders,
  Sent,
} from './schemas.ts';
import { messageSender, type RejectedMessage } from './send.ts';

/** An id is created a moment before or after `created_at` is read; `since` compares the latter. */
const ID_TOLERANCE_MS = 60_000;

/** What decides about sends: users' policies and their quota. */
export interface Judges {
  enforcer: PolicyEnforcer;
  quota: SendQuota;
}

export function registerMessages(app: App, deps: ApiDeps, { enforcer, quota }: Judges, feed: Feed): void {
  const { db } = deps;
  const chargeGroup = (senderId: string, members: number) =>
    chargeForGroup(app.userRequests, deps, senderId, members);
  const sendMessage = messageSender({ ...deps, quota, chargeGroup }, enforcer);

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
          'USER_NOT_FOUND',
          'NOT_FRIENDS',
          'CONNECTION_NOT_FOUND',
          'NO_CONNECTIONS',
          'GROUP_NOT_FOUND',
          'NOT_MEMBER',
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
      const sender_connection_id = ownConnection(user, request.body.sender_connection_id);
      const send = { ...request.body, ...(sender_connection_id !== undefined && { sender_connection_id }) };
      const sent = await sendMessage(user, send, key);
      report(deps.telemetry, sent);
      const { message_id } = sent;
      request.createdIds =
        'delivery_id' in sent ? { message_id, delivery_id: sent.delivery_id } : { message_id };
      const wait = preferredWait(request.headers.prefer);
      if (sent.status === 'rejected') {
        if (wait !== undefined) reply.header('preference-applied', `wait=${wait}`);
        return refuse(reply, sent, send);
      }
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
      const filter = { direction, since: from, sinceId, status, correlationId };
      const { rows, stoppedAt } = await listMessages(db.kysely, userOf(request).id, filter, page);
      return sendPage(request, reply, page, rows, (row) => row.id, stoppedAt).map(toMessage);
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
    async (request) => {
      const caller = userOf(request);
      const message = await findMessage(db.kysely, request.params.id);
      const deliveries = message && (await deliveriesToShow(deps, caller, message));
      if (message === undefined || deliveries === undefined) {
        throw new MahiloError('NOT_FOUND', 'You have sent or received no message with this id.');
      }
      return {
        ...toMessage(message),
        deliveries: await toDeliveries(db.kysely, deliveries, deps.clock.now()),
      };
    },
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

/** All deliveries of a message for its sender, a recipient's own for the recipient; undefined for anybody else. */
async function deliveriesToShow({ db }: ApiDeps, caller: Caller, message: MessageRow) {
  if (message.sender_id === caller.id && mayUse(caller, message.sender_connection_id)) {
    return deliveriesOfMessage(db.kysely, message.id, undefined);
  }
  const received = await deliveriesOfMessage(db.kysely, message.id, caller.id);
  const visible = received.filter((delivery) => mayUse(caller, delivery.connection_id));
  return visible.length > 0 ? visible : undefined;
}

function report(
  telemetry: ApiTelemetry,
  { status, deduplicated }: { status: string; deduplicated?: true },
): void {
  if (deduplicated) telemetry.messageRepeated();
  else if (status === 'rejected') telemetry.messageRejected();
  else telemetry.messageAccepted();
}

function toMessage(row: MessageRow) {
  const { sender_connection_id: _, ...shown } = sentFields(row);
  return {
    ...shown,
    id: row.id,
    sender: row.sender_username,
    sender_agent: row.sender_agent,
    recipient: row.recipient,
    recipient_type: row.recipient_type,
    status: row.status,
    rejection_reason: row.rejection_reason ?? undefined,
    created_at: isoTime(row.created_at),
    delivered_at: row.delivered_at === null ? undefined : isoTime(row.delivered_at),
    erased_at: row.erased_at === null ? undefined : isoTime(row.erased_at),
  };
}
