import { requireUser, userOf } from '../auth/authenticate.ts';
import type { SendQuota } from '../bounds/send-quota.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers, IdParams } from '../http/fields.ts';
import { cursorFor, pageOf } from '../http/pagination.ts';
import { parseSince } from '../http/since.ts';
import { deliveryFilterIn } from './delivery-filter.ts';
import { recoverConnection } from './recover.ts';
import { resendDelivery, resendMatching } from './resend.ts';
import { RecoverBody, Recovered, ResendMatchingBody, Resent, ResentMatching } from './schemas.ts';

/** How to try again. */
export function registerResends(app: App, deps: ApiDeps & { quota: SendQuota }): void {
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
    '/deliveries/resend',
    {
      ...requireUser,
      schema: {
        operationId: 'resendMatching',
        tags: ['Deliveries'],
        summary:
          'A fresh cycle of attempts for the dead letters that match, up to 1,000 of them; or their number',
        body: ResendMatchingBody,
        errors: ['INVALID_SINCE'],
        response: answers({ 200: ResentMatching }),
      },
    },
    async (request) => {
      const { cursor, dry_run, ...requested } = request.body;
      const { after } = pageOf(cursor === undefined ? {} : { cursor });
      const filter = deliveryFilterIn(requested);
      const { end, ...counts } = await resendMatching(deps, userOf(request), filter, after, dry_run ?? false);
      return { ...counts, cursor: end === undefined ? undefined : cursorFor(end) };
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
