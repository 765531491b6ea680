import { useInfiniteQuery } from '@tanstack/preact-query';
import { type Message, type PageOf, page, type Thread } from '../api.ts';
import { addressOf } from '../parts/filters.ts';
import { KEYS } from '../queries.ts';

/** Whom it is with, and what about: an empty text is nothing in particular, undefined everything. */
export interface Conversation {
  with: string;
  with_type: 'user' | 'group';
  about: string | undefined;
}

const THREADS = '30';
const MESSAGES = '30';

const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: <Item>({ next }: PageOf<Item>) => next,
};

/** One's threads, the latest first. */
export const useThreads = () =>
  useInfiniteQuery({
    queryKey: [...KEYS.threads, 'list'],
    queryFn: ({ pageParam }) => page<Thread>(addressOf('/threads', { limit: THREADS, cursor: pageParam })),
    ...paged,
  });

/** What was said, the latest first. */
export const useMessages = ({ with: name, with_type, about }: Conversation) =>
  useInfiniteQuery({
    queryKey: [...KEYS.threads, 'messages', with_type, name, about],
    queryFn: ({ pageParam }) =>
      page<Message>(
        addressOf('/messages', {
          with: name,
          with_type,
          correlation_id: about,
          include: 'delivery_counts',
          limit: MESSAGES,
          cursor: pageParam,
        }),
      ),
    ...paged,
  });

/** Each thread once: one that goes on behind a page comes again there. */
export function eachOnce(pages: readonly PageOf<Thread>[]): Thread[] {
  const threads = new Map<string, Thread>();
  for (const thread of pages.flatMap(({ items }) => items)) {
    const key = keyOf(thread);
    if (!threads.has(key)) threads.set(key, thread);
  }
  return [...threads.values()];
}

export const keyOf = ({ with_type, with: name, correlation_id = '' }: Thread): string =>
  `${with_type} ${name} ${correlation_id}`;
