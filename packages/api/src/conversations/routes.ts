import { isoTime } from '@mahilo/shared/clock';
import { isCiphertext } from '@mahilo/shared/messages/ciphertext';
import { requireUser, userOf } from '../auth/authenticate.ts';
import type { ApiDeps, App } from '../deps.ts';
import { answers } from '../http/fields.ts';
import { pageOf, sendPage } from '../http/pagination.ts';
import { Type } from '../http/type.ts';
import { counterpartIn } from './counterpart.ts';
import { type LatestRow, latestMessagesOf, listThreads } from './list-threads.ts';
import { Thread, ThreadsQuery } from './schemas.ts';

/** What was said, by whom one said it to and what it was about. */
export function registerConversations(app: App, { db }: ApiDeps): void {
  app.get(
    '/threads',
    {
      ...requireUser,
      schema: {
        operationId: 'listThreads',
        tags: ['Messages'],
        summary: 'My conversations, the latest first; one that goes on behind a page comes again there',
        querystring: ThreadsQuery,
        response: answers({ 200: Type.Array(Thread) }),
      },
    },
    async (request, reply) => {
      const page = pageOf(request.query);
      const { rows, stoppedAt } = await listThreads(
        db.kysely,
        userOf(request).id,
        counterpartIn(request.query),
        page,
      );
      const threads = sendPage(request, reply, page, rows, ({ id }) => id, stoppedAt);
      const latest = await latestMessagesOf(
        db.kysely,
        threads.map(({ id }) => id),
      );
      return threads.flatMap(({ id, recipient_type, counterpart, correlation_id }) => {
        const message = latest.get(id);
        // Retention may have taken it meanwhile.
        if (message === undefined) return [];
        return {
          with: counterpart,
          with_type: recipient_type,
          group_name: message.group_name ?? undefined,
          correlation_id: correlation_id ?? undefined,
          latest: toLatest(message),
        };
      });
    },
  );
}

function toLatest(row: LatestRow) {
  const is_encrypted = isCiphertext(row);
  return {
    id: row.id,
    sender: row.sender_username,
    sender_agent: row.sender_agent,
    payload_type: row.payload_type,
    is_encrypted,
    excerpt: is_encrypted || row.erased_at !== null ? undefined : row.excerpt,
    bytes: row.bytes,
    status: row.status,
    created_at: isoTime(row.created_at),
    erased_at: row.erased_at === null ? undefined : isoTime(row.erased_at),
  };
}
