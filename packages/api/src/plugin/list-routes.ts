import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { sendPage } from '../http/pagination.ts';
import { listBlocked } from './blocked.ts';
import { CONTRACT_VERSION } from './fields.ts';
import { listUnsent } from './held.ts';
import { BlockedAnswer, BlockedQuery, ReviewsAnswer, ReviewsQuery } from './list-schemas.ts';
import { invalidQuery, listed } from './queries.ts';
import { heldStates, toReviews } from './reviews.ts';

const tags = ['Plugin'];

/** What of a user's was held or refused, for that user alone. */
export function registerPluginLists(app: App, { db, clock, settings }: ApiDeps): void {
  app.get(
    '/plugin/reviews',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'listReviews',
        summary: 'Messages of mine that wait for me to decide',
        description: 'Newest first; what has expired is not among them. The `Link` header has the next page.',
        querystring: ReviewsQuery,
        errors: ['INVALID_QUERY'],
        response: answers({ 200: ReviewsAnswer }),
      },
    },
    async (request, reply) => {
      const user = userOf(request);
      const states = heldStates(request.query.status);
      const { direction, page } = listed(request.query);
      if (direction === 'inbound') return toReviews(user, states, direction, []);
      const { rows, stoppedAt } = await listUnsent(db.kysely, user.id, states, page, clock.now());
      const shown = sendPage(request, reply, page, rows, (row) => row.message_id, stoppedAt);
      return toReviews(user, states, direction, shown);
    },
  );

  app.get(
    '/plugin/events/blocked',
    {
      ...requireUser,
      schema: {
        tags,
        operationId: 'listBlockedEvents',
        summary: 'Messages of mine that were refused',
        description: 'By my agents, by the registry, or by myself. The `Link` header has the next page.',
        querystring: BlockedQuery,
        errors: ['INVALID_QUERY'],
        response: answers({ 200: BlockedAnswer }),
      },
    },
    async (request, reply) => {
      const user = userOf(request);
      const { direction, page } = listed(request.query);
      const withExcerpt = isTrue(request.query.include_payload_excerpt);
      const { rows, stoppedAt } =
        direction === 'inbound'
          ? { rows: [], stoppedAt: undefined }
          : await listBlocked(db.kysely, user, page, { withExcerpt, now: clock.now() });
      return {
        contract_version: CONTRACT_VERSION,
        retention: {
          days: settings.RETENTION_DAYS,
          payload_excerpt: withExcerpt ? ('included' as const) : ('omitted' as const),
          payload_hash: 'sha256' as const,
        },
        blocked_events: sendPage(request, reply, page, rows, ({ id }) => id, stoppedAt).map(
          ({ event }) => event,
        ),
      };
    },
  );
}

/** @throws MahiloError INVALID_QUERY */
function isTrue(given = 'false'): boolean {
  if (given === 'true' || given === '1') return true;
  if (given === 'false' || given === '0') return false;
  throw invalidQuery('include_payload_excerpt', 'must be true, 1, false or 0');
}
