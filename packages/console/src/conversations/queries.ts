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

const THREADS = '50';
const MESSAGES = '50';
/** Pages that are shown at once: the newest go when further ones come, since each look asks for all that are shown. */
const SHOWN_PAGES = 3;

const paged = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: <Item>({ next }: PageOf<Item>) => next,
  maxPages: SHOWN_PAGES,
};

/** Whether the newest pages have made room for older ones. */
export const hasMoved = ({ pageParams }: { pageParams: readonly unknown[] }): boolean =>
  pageParams[0] !== undefined;

/** One's threads, the latest first. */
export const useThreads = () =>
  useInfiniteQuery({
    queryKey: [...KEYS.threads, 'list'],
    queryFn: ({ pageParam }) => page<Thread>(addressOf('/threads', { limit: THREADS, cursor: pageParam })),
    ...paged,
  });

export const messagesKey = ({ with: name, with_type, about }: Conversation) =>
  [...KEYS.threads, 'messages', with_type, name, about] as const;

/** What was said, the latest first. */
export const useMessages = ({ with: name, with_type, about }: Conversation) =>
  useInfiniteQuery({
    queryKey: messagesKey({ with: name, with_type, about }),
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
