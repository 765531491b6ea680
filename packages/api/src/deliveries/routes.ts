import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { Type } from 'typebox';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import { parseSince } from '../http/since.ts';
import { findDelivery, listAttempts } from './deliveries.ts';
import { listDeliveries } from './list-deliveries.ts';
import { recoverConnection, resendDelivery } from './recover.ts';
import {
  AttemptAnswer,
  DeliveriesQuery,
  Delivery,
  RecoverBody,
  Recovered,
  Resent,
  statesOf,
} from './schemas.ts';
import { toDeliveries } from './to-delivery.ts';

export function registerDeliveries(app: App, deps: ApiDeps): void {
  const { db, clock } = deps;

  app.get(
    '/deliveries',
    {
      ...requireUser,
      schema: {
        operationId: 'listDeliveries',
        tags: ['Deliveries'],
        summary: 'Deliveries to my agents, and of my messages',
        querystring: DeliveriesQuery,
        response: answers({ 200: Type.Array(Delivery) }),
      },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const { status, connection_id: connectionId } = request.query;
      const filter = { states: status && statesOf(status), connectionId };
      const { rows, stoppedAt } = await listDeliveries(db.kysely, userOf(request).id, filter, page);
      const shown = sendPage(request, reply, page, rows, (row) => row.id, stoppedAt);
      const shownDeliveries = await toDeliveries(db.kysely, shown, clock.now());
      return shown.map((row, index) => ({
        ...shownDeliveries[index],
        message_id: row.message_id,
        sender: row.sender,
        created_at: isoTime(row.created_at),
      }));
    },
  );

  app.get(
    '/deliveries/:id/attempts',
    {
      ...requireUser,
      schema: {
        operationId: 'listAttempts',
        tags: ['Deliveries'],
        summary: 'Every attempt of a delivery, and how it ended',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Type.Array(AttemptAnswer) }),
      },
    },
    async (request) => {
      const userId = userOf(request).id;
      const delivery = await findDelivery(db.kysely, userId, request.params.id);
      if (delivery === undefined) throw new MahiloError('NOT_FOUND', 'You have no delivery with this id.');
      const isReceiver = delivery.recipient_id === userId;
      const attempts = await listAttempts(db.kysely, delivery.id);
      return attempts.map((row) => ({
        attempt: row.attempt,
        started_at: isoTime(row.started_at),
        duration_ms: row.duration_ms,
        outcome: row.outcome,
        status_code: row.status_code ?? undefined,
        error: row.error ?? undefined,
        response_excerpt: (isReceiver ? row.response_excerpt : null) ?? undefined,
      }));
    },
  );

  app.post(
    '/deliveries/:id/resend',
    {
      ...requireUser,
      schema: {
        operationId: 'resendDelivery',
        tags: ['Deliveries'],
        summary: 'A fresh cycle of attempts for a failed or delivered delivery, under the same message id',
        params: IdParams,
        errors: [
          'NOT_FOUND',
          'CONNECTION_NOT_FOUND',
          'CONNECTION_INACTIVE',
          'DELIVERY_NOT_SETTLED',
          'NOT_FRIENDS',
          'NOT_MEMBER',
          'BLOCKED',
        ],
        response: answers({ 200: Resent }),
      },
    },
    async (request) => {
      const delivery = await resendDelivery(deps, userOf(request), request.params.id);
      return { delivery_id: delivery.id, message_id: delivery.message_id, status: 'pending' as const };
    },
  );

  app.post(
    '/agents/:id/recover',
    {
      ...requireUser,
      schema: {
        operationId: 'recoverAgent',
        tags: ['Deliveries'],
        summary: 'Requeue every failed delivery to my agent connection',
        params: IdParams,
        body: RecoverBody,
        errors: ['NOT_FOUND', 'CONNECTION_INACTIVE', 'INVALID_SINCE'],
        response: answers({ 200: Recovered }),
      },
    },
    async (request) => {
      const since = parseSince(String(request.body.since));
      return { requeued: await recoverConnection(deps, userOf(request), request.params.id, since) };
    },
  );
}
