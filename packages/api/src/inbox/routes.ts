import { callbackBody } from '@mahilo/shared/callback/body';
import { invalidField } from '@mahilo/shared/errors';
import type { DeliveryDetails } from '@mahilo/shared/outbox/lease';
import { ownConnection } from '../access/scopes.ts';
import { isKeyStillValid, requireUser, userOf } from '../auth/authenticate.ts';
import type { KeyCache } from '../auth/key-cache.ts';
import type { ApiDeps, App } from '../deps.ts';
import { clientGone } from '../http/client-gone.ts';
import { answers } from '../http/fields.ts';
import type { Feed } from '../live/feed.ts';
import { takeWaitRoom } from '../live/wait-room.ts';
import { acknowledge, receiptOf } from './acknowledge.ts';
import { awaitMessages } from './await-messages.ts';
import { Acknowledged, Acknowledgement, DEFAULT_LIMIT, InboxMessages, InboxQuery } from './schemas.ts';

export function registerInbox(app: App, deps: ApiDeps, feed: Feed, keyCache: KeyCache): void {
  app.get(
    '/inbox',
    {
      ...requireUser,
      // A HEAD would lease messages and show them to nobody.
      exposeHeadRoute: false,
      schema: {
        operationId: 'fetchInbox',
        tags: ['Inbox'],
        summary: 'Fetch messages for my polling agents; what is not acknowledged comes again',
        querystring: InboxQuery,
        errors: ['CONNECTION_NOT_FOUND', 'NOT_POLLING', 'NO_CONNECTIONS', 'TOO_MANY_STREAMS'],
        response: answers({ 200: InboxMessages }),
      },
    },
    async (request, reply) => {
      const { connection_id: connectionId, limit = DEFAULT_LIMIT, wait = 0 } = request.query;
      const caller = userOf(request);
      const inboxRequest = { caller, connectionId: ownConnection(caller, connectionId), limit };
      using room = wait > 0 ? takeWaitRoom(request, reply) : undefined;
      const options = {
        waitMs: wait * 1000,
        signal: room?.signal ?? clientGone(reply),
        isKeyValid: () => isKeyStillValid(request, keyCache),
      };
      const fetched = await awaitMessages(deps, feed, inboxRequest, options);
      deps.telemetry.messagesFetched(fetched.length);
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      return reply.send(`[${fetched.map(withReceipt).join(',')}]`);
    },
  );

  app.post(
    '/inbox/ack',
    {
      ...requireUser,
      schema: {
        operationId: 'acknowledgeMessages',
        tags: ['Inbox'],
        summary: 'Settle fetched messages as delivered',
        body: Acknowledgement,
        response: answers({ 200: Acknowledged }),
      },
    },
    async (request) => {
      const { delivery_ids: deliveryIds, receipts } = request.body;
      if (deliveryIds === undefined && receipts === undefined) {
        throw invalidField('receipts', 'or delivery_ids is required');
      }
      const acknowledgements = { deliveryIds: deliveryIds ?? [], receipts: receipts ?? [] };
      const acknowledged = await acknowledge(deps, userOf(request), acknowledgements);
      deps.telemetry.messagesAcknowledged(acknowledged);
      return { acknowledged };
    },
  );
}

/** The callback's body as it would be sent, and what acknowledges it. */
function withReceipt(delivery: DeliveryDetails): string {
  return `${callbackBody(delivery).slice(0, -1)},"receipt":${JSON.stringify(receiptOf(delivery))}}`;
}
