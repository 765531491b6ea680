import { useQuery } from '@tanstack/preact-query';
import { api, type BlockedEvent, type WholeReview } from '../api.ts';
import { KEYS } from '../queries.ts';

/** A held message with all that it says. */
export const useReview = (id: string) =>
  useQuery({
    queryKey: [...KEYS.reviews, id],
    queryFn: () => api<WholeReview>('GET', `/plugin/reviews/${encodeURIComponent(id)}`),
  });

/** What was refused lately. */
export const useRefused = () =>
  useQuery({
    queryKey: KEYS.refused,
    queryFn: () =>
      api<{ blocked_events: BlockedEvent[] }>(
        'GET',
        '/plugin/events/blocked?limit=20&include_payload_excerpt=true',
      ),
  });
