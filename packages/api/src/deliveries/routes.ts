import { isoTime } from '@mahilo/shared/clock';
import { MahiloError } from '@mahilo/shared/errors';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { type DeliveryRow, findDelivery, listAttempts } from './deliveries.ts';
import { deliveryFilterIn } from './delivery-filter.ts';
import { listDeliveries } from './list-deliveries.ts';
import { registerResends } from './resend-routes.ts';
import { AttemptAnswer, DeliveriesQuery, Delivery, statesOf } from './schemas.ts';
import { toDeliveries } from './to-delivery.ts';

export function registerDeliveries(app: App, deps: ApiDeps & { quota: SendQuota }): void {
  const { db } = deps;

  app.get(
    '/deliveries',
    {
      ...requireUser,
      schema: {
        operationId: 'listDeliveries',
        tags: ['Deliveries'],
        summary: 'Deliveries to my agents, and of my messages',
        querystring: DeliveriesQuery,
        errors: ['INVALID_SINCE'],
        response: answers({ 200: Type.Array(Delivery) }),
      },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const { status } = request.query;
      const filter = { ...deliveryFilterIn(request.query), states: status && statesOf(status) };
      const { rows, stoppedAt } = await listDeliveries(db.kysely, userOf(request).id, filter, page);
      return withMessages(
        deps,
        sendPage(request, reply, page, rows, (row) => row.id, stoppedAt),
      );
    },
  );

  app.get(
    '/deliveries/:id',
    {
      ...requireUser,
      schema: {
        operationId: 'getDelivery',
        tags: ['Deliveries'],
        summary: 'One delivery, and what keeps it',
        params: IdParams,
        errors: ['NOT_FOUND'],
        response: answers({ 200: Delivery }),
      },
    },
    async (request) => {
      const [delivery] = await withMessages(deps, [
        await ownDelivery(deps, userOf(request).id, request.params.id),
      ]);
      return delivery;
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
      const delivery = await ownDelivery(deps, userId, request.params.id);
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

  registerResends(app, deps);
}

/** @throws MahiloError NOT_FOUND */
async function ownDelivery({ db }: ApiDeps, userId: string, id: string): Promise<DeliveryRow> {
  const delivery = await findDelivery(db.kysely, userId, id);
  if (delivery === undefined) throw new MahiloError('NOT_FOUND', 'You have no delivery with this id.');
  return delivery;
}

/** Deliveries with what they are about. */
async function withMessages({ db, clock }: ApiDeps, rows: readonly DeliveryRow[]) {
  const deliveries = await toDeliveries(db.kysely, rows, clock.now());
  return rows.map((row, index) => ({
    ...deliveries[index],
    message_id: row.message_id,
    group_id: row.recipient_type === 'group' ? row.addressee_id : undefined,
    sender: row.sender,
    created_at: isoTime(row.created_at),
  }));
}
